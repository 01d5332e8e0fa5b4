"""Rows of answers, for type checkers only. Made by `python -m docs.generate`."""
