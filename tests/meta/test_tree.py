"""The tree of commands as a whole: help, names, examples, and what `--dry-run` keeps from being sent."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hpcli.commands.framework.root import build_root
from hpcli.commands.registry import FAMILIES
from hpcli.run.context import Run
from hpcli.run.settings import COMMON
from hpcli.sandbox import control
from tests.support.command_tree import command_names, commands
from tests.support.examples import make_files, write_picture
from tests.support.platform_server import Platform, lift_call_limit
from tests.support.runner import Runner

NAMES = command_names()


def help_of(name: str, hpcli_environment: Mapping[str, str] | None = None) -> str:
    command: Any = build_root()
    ctx = command.context_class(
        command,
        info_name="hpcli",
        obj=Run(environment=hpcli_environment or {}),
        help_option_names=["-h", "--help"],
    )
    for word in name.split():
        command = command.get_command(ctx, word)
        ctx = command.context_class(command, info_name=word, parent=ctx)
    return str(ctx.get_help())


def test_the_names_are_those_of_the_commands() -> None:
    assert list(commands()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_help_tells_usage_summary_options_and_ends_with_an_example(name: str) -> None:
    command = commands()[name]
    text = help_of(name)
    assert text.startswith(f"Usage: hpcli {name} ")
    assert command["summary"] in text
    assert len(command["summary"]) < 60
    assert command["summary"].endswith(".")
    assert "`hpcli help options`" in text
    examples = "".join(f"  $ {example}\n" for example in command["examples"])
    assert text.endswith(f"\nExamples:\n{examples}".rstrip("\n"))


@pytest.mark.parametrize("name", NAMES)
def test_every_option_and_argument_is_explained_in_a_sentence(name: str) -> None:
    command = commands()[name]
    for parameter in [*command["options"], *command["arguments"]]:
        assert parameter["help"], parameter
        assert parameter["help"].endswith("."), parameter


@pytest.mark.parametrize("name", NAMES)
def test_no_option_of_a_command_takes_the_name_of_a_common_one(name: str) -> None:
    common = {flag for setting in COMMON for flag in setting.flags}
    own = {flag for option in commands()[name]["options"] for flag in option["flags"]}
    assert own & common == (
        {"--reason"} if name == "alarms hold" else set()
    )  # why it is held, in the journal


@pytest.mark.parametrize("family", FAMILIES)
def test_the_family_says_of_itself_what_the_registry_says(family: str) -> None:
    if family not in NAMES:
        text = help_of(family)
        assert FAMILIES[family].summary in text
        assert [name for name in NAMES if name.split()[0] == family and name.split()[1] not in text] == []


@pytest.mark.parametrize("name", ["", *FAMILIES, *NAMES])
def test_help_fits_eighty_columns_but_for_examples(name: str) -> None:
    wide = [line for line in help_of(name).splitlines() if len(line) > 80]
    assert wide == [line for line in wide if line.strip().startswith("$ ")]


def test_marks_are_those_of_the_operations() -> None:
    marks = {name: command["asks"] for name, command in commands().items()}
    assert marks["site delete"]
    assert marks["panel disarm"]
    assert not marks["panel arm"]
    assert not marks["site list"]


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_sends_no_change_and_asks_nothing(
    name: str, hpcli: Runner, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not changes_something(commands()[name]):
        return  # the examples of what only reads are run as they stand, in test_examples.py
    platform: Platform = request.getfixturevalue("platform")
    make_files(tmp_path)
    write_picture(tmp_path, "device", {})
    monkeypatch.chdir(tmp_path)
    limits = lift_call_limit(tmp_path / "config")
    for example in commands()[name]["examples"]:
        program, *words = shlex.split(example.replace("$FILE_KEY", "key"))
        assert program == "hpcli", "an example that needs a shell"
        done = hpcli(
            *words, "--dry-run", "-o", "json", environment={**platform.environment, **limits}, timeout=60
        )
        sent = control.statistics(platform.state)["requests"]
        assert [request for request in sent if not is_reading(request)] == []
        assert "[y/N]" not in done.stderr
        assert done.exit_code in (0, 2, 3, 4, 8, 9), done.stderr


def changes_something(command: Mapping[str, Any]) -> bool:
    return any(call["change"] for call in command["calls"])


def test_many_commands_change_something_and_all_have_examples() -> None:
    changing = [command for command in commands().values() if changes_something(command)]
    assert len(changing) > 50
    assert [command["command"] for command in changing if not command["examples"]] == []


@cache
def reading_calls() -> list[tuple[str, list[str]]]:
    """Return method and parts of the path of each call that some command only reads with."""
    calls = [call for command in commands().values() for call in command["calls"]]
    return [(call["method"], call["path"].split("/")) for call in calls if not call["change"]]


def is_reading(request: str) -> bool:
    """Whether a `METHOD PATH` the stand-in counted is one that some command only reads with."""
    method, _, path = request.partition(" ")
    if path.endswith("/token/get") or (method == "GET" and "/device/transparent/ISAPI/" in path):
        return True
    return any(method == known and fits(template, path.split("/")) for known, template in reading_calls())


def fits(template: list[str], parts: list[str]) -> bool:
    return len(template) == len(parts) and all(
        wanted == part or wanted.startswith("{") for wanted, part in zip(template, parts, strict=True)
    )
