"""Man pages: made from the commands, clean, complete."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import pytest

from docs.generate.declarations import ROOT
from hpcli.commands.registry import FAMILIES
from hpcli.errors import ExitCode
from tests.support.command_tree import commands

PAGES = sorted((ROOT / "man").glob("*.1"))
SECTIONS = (
    "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES", "SEE ALSO",
)  # fmt: skip


@cache
def rendered(page: Path) -> str:
    done = subprocess.run(["mandoc", "-T", "utf8", page], capture_output=True, text=True, check=True)
    return subprocess.run(
        ["col", "-bx"], input=done.stdout, capture_output=True, text=True, check=True
    ).stdout


def test_there_is_a_page_for_each_family_and_no_other() -> None:
    assert {page.stem for page in PAGES} == {"hpcli", *(f"hpcli-{family}" for family in FAMILIES)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_mandoc_finds_nothing_to_warn_of(page: Path) -> None:
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True, check=False
    )
    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_has_all_sections_and_exit_codes(page: Path) -> None:
    text = rendered(page)
    assert [line for line in text.splitlines() if line in SECTIONS] == [*SECTIONS]
    for code in ExitCode:
        assert f" {int(code)} " in text


@pytest.mark.parametrize("family", FAMILIES)
def test_the_page_shows_every_verb_with_its_options_and_examples(family: str) -> None:
    text = " ".join(rendered(ROOT / "man" / f"hpcli-{family}.1").split())
    for name, command in commands().items():
        if name.split()[0] == family:
            assert f"hpcli {name}" in text
            for option in command["options"]:
                assert option["flags"][0] in text
            for example in command["examples"]:
                assert " ".join(f"$ {example}".split()) in text
