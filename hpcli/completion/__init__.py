"""Completion at the prompt: what a shell is answered when somebody presses Tab.

A shell's script (in `scripts/`, printed by `hpcli completion SHELL`) runs `hpcli` with `_HPCLI_COMPLETE` set to
the shell and the words before the cursor as arguments, the unfinished one last. Each line of the answer is a
value, a tab and its description; `:files` or `:directories` alone leaves the word to the shell.

The commands are read from `tree.json`, made from the command line itself by `python -m docs.generate`, so that
Tab needs neither Typer nor the families.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping, Sequence

from hpcli.completion.tree import Candidate, find_question, load_tree
from hpcli.completion.values import list_candidates

_QUOTES = "'\""


def answer_shell(environment: Mapping[str, str], words: Sequence[str]) -> int:
    """Print the answer to a shell; never fails, as there is nobody to read an error."""
    shell = environment["_HPCLI_COMPLETE"]
    try:
        lines = complete(shell, list(words), environment)
    except Exception:  # noqa: BLE001 - whatever is wrong, the prompt stays clean and the person goes on typing
        return 1
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def complete(shell: str, words: list[str], environment: Mapping[str, str]) -> list[str]:
    """Return the lines of the answer.

    Args:
        shell: bash, zsh, fish or powershell.
        words: those behind `hpcli` up to the cursor; the last is unfinished, perhaps empty.
        environment: variables.
    """
    if shell == "powershell":  # it drops empty arguments, so its script puts a colon in front of the last
        words[-1:] = [word.removeprefix(":") for word in words[-1:]]
    if shell == "bash":  # it hands words over as they were typed
        words = [_unquote(word) for word in words]
    words[-1:] = [word.lstrip(_QUOTES) for word in words[-1:]]
    question = find_question(load_tree(), words)
    found = list_candidates(question, environment, by_name=shell == "fish")
    return [_line(candidate, shell) for candidate in found]


def _unquote(word: str) -> str:
    import shlex

    try:
        return "".join(shlex.split(word))
    except ValueError:  # a quote that is still open
        return word


def _line(candidate: Candidate, shell: str) -> str:
    value, description = candidate
    if shell == "bash" and not value.startswith((":", "-")):
        import shlex

        value = shlex.quote(value)
    return f"{value}\t{description}" if description else value
