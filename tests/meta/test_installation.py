"""How to install hpcli: from a checkout or a wheel, never by name. `hpcli` on the index is another program."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READ = ("README.md", "CONTRIBUTING.md", "SECURITY.md", ".ci/run", ".ci/pythons", "tests/run")
READ_WHOLE = ("docs", "man", "completions", "hpcli")
TEXT = {".1", ".bash", ".fish", ".json", ".md", ".ps1", ".py", ".service", ".tsv", ".yaml", ""}

INSTALLS = re.compile(
    r"(?<![\w-])(?P<how>pip[\d.]*(?:\s+-\S+)*\s+(?:install|download|wheel)|pipx\s+(?:install|inject|upgrade|run)"
    r"|uv\s+tool\s+(?:install|upgrade|run)|uv\s+add|uvx)[ \t]+(?=(?P<rest>(?:\\\n|[^\n])*))"
)
INLINE_CODE = re.compile(r"(?<!`)`[^`\n]*\n[^`\n]*`(?!`)")
RUNS = ("uvx", "uv tool run", "pipx run")
NAMES = {"--from", "--spec", "--with"}
TAKES_A_VALUE = {
    *("-c", "--constraint", "-d", "--dest", "-f", "--find-links", "-i", "--index-url", "--extra-index-url"),
    *("-p", "--python", "--prefix", "--root", "-t", "--target", "-w", "--wheel-dir", "--suffix"),
}
OTHERS = {"pysiaalarm"}
"""Distributions of others that pages use beside hpcli, in an environment of their own."""
LOCAL = re.compile(r"[.~/$]|[^@:]*\.(?:whl|tar\.gz)(?:\[|$)")


def fetched_by_name(text: str) -> list[str]:
    """What the install lines of a text would fetch from an index."""
    text = INLINE_CODE.sub(lambda found: found[0].replace("\n", " "), text.replace("\\-", "-"))
    return [
        wanted
        for found in INSTALLS.finditer(text)
        for wanted in _requirements(" ".join(found["how"].split()), _words(found["rest"]))
        if not LOCAL.match(wanted) and wanted not in OTHERS
    ]


def _words(rest: str) -> list[str]:
    """The words of one command: up to the end of its code span or line, an operator or a comment."""
    command = re.split(r"`|&&|\|\||[;|)]| #", rest.replace("\\\n", " "), maxsplit=1)[0]
    try:
        return shlex.split(command)
    except ValueError:  # the closing half of the quotes around the whole command
        return shlex.split(re.sub("[\"']", " ", command))


def _requirements(how: str, words: list[str]) -> Iterator[str]:
    named = {words[at + 1] for at, word in enumerate(words[:-1]) if word in NAMES}
    yield from named
    others = iter(words)
    plain = []
    for word in others:
        if word in TAKES_A_VALUE | NAMES:
            next(others, None)
        elif not word.startswith("-"):
            plain.append(word)
    if how in RUNS:
        plain = [] if {"--from", "--spec"} & set(words) else plain[:1]
    elif how == "pipx inject":
        plain = plain[1:]
    yield from plain


def _python_strings(source: str) -> str:
    """The strings of a module, each in one piece however it is wrapped; `{}` where a value goes."""
    pieces = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            values = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            pieces.append("".join(map(str, values)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            pieces.append(node.value)
    return "\n".join(pieces)


def _texts() -> Iterator[tuple[str, str]]:
    found = [ROOT / name for name in READ]
    for folder in READ_WHOLE:
        found += (path for path in (ROOT / folder).rglob("*") if path.suffix in TEXT and path.is_file())
    for path in found:
        text = path.read_text(encoding="utf-8")
        yield path.relative_to(ROOT).as_posix(), text
        if path.suffix == ".py" and re.search("pip|uv", text):  # to read the strings of all takes seconds
            yield f"{path.relative_to(ROOT)} (strings)", _python_strings(text)


def test_no_install_line_fetches_a_distribution_by_name() -> None:
    wrong = {place: names for place, text in _texts() if (names := fetched_by_name(text))}
    assert wrong == {}


@pytest.mark.parametrize("place", ["README.md", "docs/service.md", "docs/automation.md", "tests/run"])
def test_the_install_lines_are_found_where_they_stand(place: str) -> None:
    assert INSTALLS.search((ROOT / place).read_text(encoding="utf-8"))


def test_the_distribution_has_a_name_of_its_own_and_the_command_keeps_its_name() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == "hikpartner-cli"
    assert list(project["scripts"]) == ["hpcli"]
    assert project["name"] in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("pip install hpcli", ["hpcli"]),
        ("# python3 -m venv /opt/x && /opt/x/bin/pip install --quiet hpcli && x", ["hpcli"]),
        ("python -m pip --quiet install -i https://example.org 'hpcli[test]>=1'", ["hpcli[test]>=1"]),
        ("- run: pipx install hpcli && hpcli health report", ["hpcli"]),
        ("Error: run `pip install\nhikpartner-cli` first, `then` again", ["hikpartner-cli"]),
        ("hint=\"Install it: 'pip install hpcli[doc]'\"", ["hpcli[doc]"]),
        (".Dl uv pip install \\-\\-upgrade hpcli", ["hpcli"]),
        ("pip install \\\n  --upgrade \\\n  hpcli", ["hpcli"]),
        ("uvx hpcli site list", ["hpcli"]),
        ("uvx --from hpcli other site list", ["hpcli"]),
        ("uvx --with requests --from . hpcli site list", ["requests"]),
        ("pipx run hpcli; uv tool install hpcli; uv add hpcli", ["hpcli"] * 3),
        ("pipx inject hpcli keyrings.alt", ["keyrings.alt"]),
        ("pip install . atheris", ["atheris"]),
        ("pip download -r requirements.txt", ["requirements.txt"]),
    ],
)
def test_a_line_that_fetches_by_name_is_seen(text: str, names: list[str]) -> None:
    assert fetched_by_name(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "python3 -m venv .venv && .venv/bin/pip install --quiet . && .venv/bin/hpcli demo",
        "pip install --editable '.[test]'  # not from an index",
        "pip install ./dist/hikpartner_cli-0.1.0-py3-none-any.whl",
        "pipx install dist/hikpartner_cli-*.whl | tee log",
        "pip wheel --no-deps --wheel-dir dist .",
        "uvx --from . hpcli site list",
        "the installer's pip install: `pip install .`, then `hpcli`",
        "hpcli installer list",
    ],
)
def test_a_line_that_installs_from_here_is_left_alone(text: str) -> None:
    assert fetched_by_name(text) == []
