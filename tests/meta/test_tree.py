"""The tree of commands as a whole: help, names, examples, and what `--dry-run` keeps from being sent."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hpcli.commands.commands import walk
from hpcli.commands.framework.root import build_root
from hpcli.commands.registry import FAMILIES
from hpcli.run.context import Run
from hpcli.run.settings import COMMON
from hpcli.sandbox import control
from tests.support.examples import make_files, write_picture
from tests.support.platform_server import Platform
from tests.support.runner import Runner

COMMANDS = list(walk(build_root()))
NAMES = [str(command["command"]) for command in COMMANDS]
CHANGING = [command for command in COMMANDS if any(call["change"] for call in command["calls"])]
READ_BY_CHANGES = [
    (call["method"], call["path"]) for command in COMMANDS for call in command["calls"] if not call["change"]
]


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


@pytest.mark.parametrize("name", NAMES)
def test_help_tells_usage_summary_options_and_ends_with_an_example(name: str) -> None:
    command = COMMANDS[NAMES.index(name)]
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
    command = COMMANDS[NAMES.index(name)]
    for parameter in [*command["options"], *command["arguments"]]:
        assert parameter["help"], parameter
        assert parameter["help"].endswith("."), parameter


@pytest.mark.parametrize("name", NAMES)
def test_no_option_of_a_command_takes_the_name_of_a_common_one(name: str) -> None:
    common = {flag for setting in COMMON for flag in setting.flags}
    own = {flag for option in COMMANDS[NAMES.index(name)]["options"] for flag in option["flags"]}
    assert own & common == set()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_family_says_of_itself_what_the_registry_says(family: str) -> None:
    commands = [command for command in COMMANDS if command["command"].split()[0] == family]
    single = [command for command in commands if command["command"] == family]
    if not single:
        assert FAMILIES[family].summary in help_of(family)
        for command in commands:
            assert command["command"].split()[1] in help_of(family)


@pytest.mark.parametrize("name", ["", *FAMILIES, *NAMES])
def test_help_fits_eighty_columns_but_for_examples(name: str) -> None:
    wide = [line for line in help_of(name).splitlines() if len(line) > 80]
    assert wide == [line for line in wide if line.strip().startswith("$ ")]


def test_marks_are_those_of_the_operations() -> None:
    marks = {command["command"]: command["asks"] for command in COMMANDS}
    assert marks["site delete"]
    assert marks["panel disarm"]
    assert not marks["panel arm"]
    assert not marks["site list"]


def dry_examples() -> list[str]:
    """The examples of commands that change something, with `--dry-run`."""
    dry = []
    for command in CHANGING:
        for example in command["examples"]:
            words, less, rest = example.partition(" <")
            dry.append(f"{words} --dry-run -o json{less}{rest}")
    return dry


@pytest.mark.parametrize("example", dry_examples())
def test_a_dry_run_sends_no_change_and_asks_nothing(
    example: str, platform: Platform, hpcli: Runner, tmp_path: Path
) -> None:
    make_files(tmp_path)
    write_picture(tmp_path, "device", {})
    environment = {
        **os.environ,
        **platform.environment,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FILE_KEY": "key",
    }
    done = subprocess.run(
        ["bash", "-c", example], env=environment, cwd=tmp_path, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    changes = [
        request for request in control.statistics(platform.state)["requests"] if not is_reading(request)
    ]
    assert changes == []
    assert "[y/N]" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2, 3, 4, 8, 9), done.stderr


def is_reading(request: str) -> bool:
    """Whether a `METHOD PATH` the stand-in counted is one that some command only reads with."""
    method, _, path = request.partition(" ")
    if path.endswith("/token/get"):
        return True
    parts = path.split("/")
    return any(method == known and fits(template.split("/"), parts) for known, template in READ_BY_CHANGES)


def fits(template: list[str], parts: list[str]) -> bool:
    return len(template) == len(parts) and all(
        wanted == part or wanted.startswith("{") for wanted, part in zip(template, parts, strict=True)
    )
