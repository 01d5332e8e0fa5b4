"""Writes what is made: from the declarations of the calls first, then from the command line, which imports those.

    python -m docs.generate

Made are hpcli/reference/openapi.json and hpcli/api from docs/openapi; hpcli/completion/tree.json, completions/,
man/, docs/calls.md and docs/spreadsheets.md from the commands. `tests/meta/test_generated.py` fails where that was
forgotten.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from docs.generate import document
from docs.generate.declarations import ROOT
from docs.generate.modules import MADE
from docs.generate.operations import make_operations
from docs.generate.rows import make_rows


def generated() -> Iterator[tuple[Path, str]]:
    """Yield every generated file with its content."""
    yield from from_declarations()
    yield from from_commands()


def from_declarations() -> Iterator[tuple[Path, str]]:
    """Yield what is made from docs/openapi; nothing of hpcli is imported for it."""
    yield document.TARGET, document.render(document.build())
    yield from make_operations()
    yield from make_rows()


def from_commands() -> Iterator[tuple[Path, str]]:
    """Yield what is made from the command line."""
    from docs.generate.completion_tree import make_tree
    from docs.generate.coverage import make_coverage
    from docs.generate.man_pages import make_pages
    from docs.generate.spreadsheets import make_spreadsheets
    from hpcli.commands.completion import SCRIPTS

    scripts = ROOT / "hpcli/completion/scripts"
    yield ROOT / "hpcli/completion/tree.json", make_tree()
    for shell, name in SCRIPTS.items():
        if shell != "powershell":  # printed only
            yield ROOT / "completions" / name, (scripts / name).read_text(encoding="utf-8")
    for name, page in make_pages():
        yield ROOT / "man" / name, page
    yield ROOT / "docs/calls.md", make_coverage()
    yield ROOT / "docs/spreadsheets.md", make_spreadsheets()


def stale_files() -> list[Path]:
    """Return the files that are not as they should be, and those that are made from nothing any more."""
    made = dict(generated())
    return _differing(made) + _left_over(made)


def main() -> None:
    """Write the files that are not as they should be, and remove those whose source is gone."""
    made: dict[Path, str] = {}
    for stage in (from_declarations, from_commands):
        files = dict(stage())
        made |= files
        for path in _differing(files):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
        importlib.invalidate_caches()  # the second stage imports what the first has written
    for path in _left_over(made):
        path.unlink()
        sys.stdout.write(f"{path.relative_to(ROOT)} removed\n")


def _differing(files: Mapping[Path, str]) -> list[Path]:
    return [
        path
        for path, content in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != content
    ]


def _left_over(made: Mapping[Path, str]) -> list[Path]:
    modules = [
        path for path in (ROOT / "hpcli/api").rglob("*.py") if MADE in path.read_text(encoding="utf-8")
    ]
    return [path for path in (*modules, *(ROOT / "man").glob("*.1")) if path not in made]
