"""Writes what is made from the command line itself; `tests/meta/test_man.py` and `test_completion.py` tell when to.

    python -m docs.generate

Made are hpcli/completion/tree.json, completions/, man/ and the table of calls in README.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from docs.generate.completion_tree import make_tree
from docs.generate.coverage import put_coverage
from docs.generate.man_pages import make_pages
from hpcli.commands.completion import SCRIPTS

ROOT = Path(__file__).resolve().parents[2]


def generated() -> Iterator[tuple[Path, str]]:
    """Yield every generated file with its content."""
    scripts = ROOT / "hpcli/completion/scripts"
    yield ROOT / "hpcli/completion/tree.json", make_tree()
    for shell, name in SCRIPTS.items():
        if shell != "powershell":  # printed only
            yield ROOT / "completions" / name, (scripts / name).read_text(encoding="utf-8")
    for name, page in make_pages():
        yield ROOT / "man" / name, page
    readme = ROOT / "README.md"
    yield readme, put_coverage(readme.read_text(encoding="utf-8"))


def main() -> None:
    """Write the files that are not as they should be, and remove pages of families that are gone."""
    files = dict(generated())
    for path, content in files.items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    for page in (ROOT / "man").glob("*.1"):
        if page not in files:
            page.unlink()
