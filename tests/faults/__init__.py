"""Walks over every command: every wrong body, every broken wire, judged by rules. `python -m tests.faults --help`."""
