"""Shell completion: the answer to a shell when the user presses Tab.

The script of a shell (in `scripts/`, printed by `hpcli completion SHELL`) runs `hpcli` with `_HPCLI_COMPLETE` set to
the name of the shell and the words before the cursor as arguments; the last word is the one to complete. Each line of
the answer is a value, a tab and its description; `:files` or `:directories` alone leaves the word to the shell.

The commands come from `tree.json`, which `python -m docs.generate` writes, so that completion imports neither Typer
nor the families.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping, Sequence

from hpcli.completion.tree import Candidate, find_question, load_tree
from hpcli.completion.values import MARKERS, list_candidates

_QUOTES = "'\""


def answer_shell(environment: Mapping[str, str], words: Sequence[str]) -> int:
    """Print the answer to a shell; never raise: the error would not be read."""
    shell = environment["_HPCLI_COMPLETE"]
    try:
        lines = complete(shell, list(words), environment)
    except Exception:  # noqa: BLE001 - an error must not disturb the prompt
        return 1
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def complete(shell: str, words: list[str], environment: Mapping[str, str]) -> list[str]:
    """Return the lines of the answer.

    Args:
        shell: bash, zsh, fish or powershell.
        words: the words after `hpcli` up to the cursor; the last one is to be completed and may be empty.
        environment: environment variables.
    """
    if shell == "powershell":  # it drops empty arguments, so its script puts a colon before the last
        words[-1:] = [word.removeprefix(":") for word in words[-1:]]
    if shell == "bash":  # it passes words as typed, with quotes
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
    if shell == "bash" and candidate not in MARKERS:
        import shlex

        value = shlex.quote(value)
    return f"{value}\t{description}" if description else value
