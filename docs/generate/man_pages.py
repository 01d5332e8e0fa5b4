"""Makes the man pages, in mdoc: hpcli.1 and a page for each family or single command."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from textwrap import dedent
from typing import Any

from hpcli.commands.commands import walk
from hpcli.commands.framework.root import build_root
from hpcli.commands.help.topics import TOPICS, describe_setting
from hpcli.commands.registry import FAMILIES
from hpcli.errors import ExitCode
from hpcli.run.settings import COMMON, SETTINGS

_DATE = "November 22, 2026"
_FILES = (
    ("~/.config/hpcli/config.toml", "profiles and settings; no secrets"),
    ("~/.cache/hpcli/", "tokens, the call limit, names for completion"),
    ("~/.local/state/hpcli/", "the alarm journal, the sandbox, persons added from this computer"),
)
_FIRST_EXAMPLES = (
    "hpcli demo",
    "hpcli --profile sandbox site list",
    "hpcli --profile sandbox device list --offline -o ids",
    "hpcli help exit-codes",
)


def make_pages() -> Iterator[tuple[str, str]]:
    """Yield file name and content of every page."""
    commands = list(walk(build_root()))
    yield "hpcli.1", _root_page()
    for family, entry in FAMILIES.items():
        own = [command for command in commands if command["command"].split()[0] == family]
        yield f"hpcli-{family}.1", _family_page(family, entry.summary, own)


def _root_page() -> str:
    lines = [
        *_head("hpcli", "command line of the Hik-Partner Pro OpenAPI"),
        ".Sh SYNOPSIS",
        ".Nm hpcli",
        ".Op Ar options",
        ".Ar family verb",
        ".Op Ar arguments",
        ".Op Ar options",
        ".Sh DESCRIPTION",
        *_text(
            "Administers sites, devices, alarm panels, alarms and people of a Hik-Partner Pro account, by hand "
            "and from scripts. Every command also runs on a bundled stand-in platform, without a key and "
            "without a network: --profile sandbox."
        ),
        ".Sh COMMANDS",
        ".Bl -tag -width Ds",
    ]
    for family, entry in FAMILIES.items():
        lines += [f".It Xr hpcli-{family} 1", *_text(entry.summary)]
    lines += [
        ".El",
        ".Sh OPTIONS",
        *_text("Accepted before the family and behind the verb; the later one wins."),
    ]
    lines += [".Bl -tag -width Ds"]
    for setting in COMMON:
        value = None if setting.is_switch else setting.metavar
        lines += [f".It {_flags(setting.flags, value)}", *_text(describe_setting(setting))]
    lines += [
        ".It Fl -version",
        "show the version and exit",
        ".It Fl h , Fl -help",
        "show the help and exit",
        ".El",
    ]
    lines += [".Sh ENVIRONMENT", *_environment(), ".Sh FILES", *_files()]
    lines += [".Sh EXIT STATUS", *_exit_status(), ".Sh EXAMPLES", *_examples(_FIRST_EXAMPLES)]
    lines += [".Sh SEE ALSO", *_references(FAMILIES)]
    return _page(lines)


def _family_page(family: str, summary: str, commands: list[dict[str, Any]]) -> str:
    lines = [*_head(f"hpcli-{family}", summary), ".Sh SYNOPSIS"]
    for command in commands:
        lines += _synopsis(command)
    is_single = commands[0]["command"] == family
    lines += [".Sh DESCRIPTION"]
    if is_single:
        lines += [*_help(commands[0]), *_parameters(commands[0])]
        if family == "help":
            for name, topic in TOPICS.items():
                lines += [f".Ss {name}", *_display(topic.write())]
    else:
        lines += _text(_group_help(family) or summary)
        for command in commands:
            lines += [f".Ss {command['command']}", *_help(command), *_parameters(command)]
    lines += [".Sh OPTIONS", *_text("The common options are described in"), ".Xr hpcli 1 ."]
    lines += [".Sh ENVIRONMENT", *_environment(), ".Sh FILES", *_files(), ".Sh EXIT STATUS", *_exit_status()]
    lines += [".Sh EXAMPLES", *_examples(example for command in commands for example in command["examples"])]
    lines += [".Sh SEE ALSO", ".Xr hpcli 1"]
    return _page(lines)


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _head(name: str, summary: str) -> list[str]:
    return [
        '.\\" Made by python -m docs.generate; changes belong into the commands themselves.',
        f".Dd {_DATE}",
        f".Dt {name.upper()} 1",
        ".Os",
        ".Sh NAME",
        f".Nm {name}",
        f".Nd {_escape(summary.rstrip('.'))}",
    ]


def _group_help(family: str) -> str:
    root = build_root()
    command = root.get_command(root.context_class(root, info_name="hpcli"), family)
    return (command.help or "") if command else ""


def _synopsis(command: dict[str, Any]) -> list[str]:
    lines = [f".Nm hpcli {command['command']}"]
    for argument in command["arguments"]:
        name = _escape(argument["name"].replace("...", " ...").strip("[]"))
        lines.append(f".Ar {name}" if argument["required"] else f".Op Ar {name}")
    for option in command["options"]:
        flags = _flags(option["flags"], option["value"])
        lines.append(f".{flags}" if option["required"] else f".Op {flags}")
    return lines


def _flags(flags: Iterable[str], value: str | None) -> str:
    """Return the spellings of an option as mdoc: `Fl o , Fl -output Ar FORMAT`."""
    spelled = " , ".join(f"Fl {_escape(flag[1:])}" for flag in flags)
    return spelled + (f" Ar {_escape(value)}" if value else "")


def _help(command: dict[str, Any]) -> list[str]:
    """Return the help without its examples, paragraph by paragraph; indented ones keep their lines."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n", command["help"]):
        rows = [row for row in paragraph.splitlines() if not row.strip().startswith("$ ")]
        if not rows:
            continue
        is_display = all(row.startswith("  ") for row in rows)
        text = _display("\n".join(rows)) if is_display else _text(" ".join(map(str.strip, rows)))
        lines += ([".Pp"] if lines and not is_display else []) + text
    return lines


def _parameters(command: dict[str, Any]) -> list[str]:
    rows = [
        (f".Ar {_escape(argument['name'].replace('...', ' ...').strip('[]'))}", argument["help"])
        for argument in command["arguments"]
        if argument["help"]
    ]
    rows += [
        (f".{_flags(option['flags'], option['value'])}", option["help"]) for option in command["options"]
    ]
    if not rows:
        return []
    lines = [".Bl -tag -width Ds"]
    for head, text in rows:
        lines += [f".It {head[1:]}", *_text(text)]
    return [*lines, ".El"]


def _environment() -> list[str]:
    lines = [".Bl -tag -width Ds"]
    for setting in SETTINGS.values():
        if setting.environment:
            lines += [f".It Ev {setting.environment}", *_text(describe_setting(setting))]
    return [*lines, ".El"]


def _files() -> list[str]:
    lines = [".Bl -tag -width Ds"]
    for path, text in _FILES:
        lines += [f".It Pa {path}", *_text(text)]
    return [
        *lines,
        ".El",
        ".Pp",
        *_text("Elsewhere than on Linux the folders are those of the system; variables name others."),
    ]


def _exit_status() -> list[str]:
    lines = [".Bl -tag -width 999"]
    for code in ExitCode:
        lines += [f".It {int(code)}", *_text(code.text)]
    return [*lines, ".El"]


def _examples(examples: Iterable[str]) -> list[str]:
    return _display("\n".join(f"$ {example}" for example in examples))


def _display(text: str) -> list[str]:
    return [".Bd -literal", *(_line(line) for line in dedent(text).strip("\n").splitlines()), ".Ed"]


def _references(families: Iterable[str]) -> list[str]:
    names = sorted(families)
    return [f".Xr hpcli-{name} 1" + (" ," if name != names[-1] else "") for name in names]


def _text(text: str) -> list[str]:
    r"""Return running text, one sentence a line; `\%` keeps names with dashes in one piece."""
    sentences = re.split(r"(?<=[.;:]) (?=[A-Z])", text.strip()) if text else []
    return [re.sub(r"(?<![\w\\-])(\w+(?:\\-\w+)+)", r"\\%\1", _line(sentence)) for sentence in sentences]


def _line(line: str) -> str:
    """Return a line of text or display that mdoc takes as it is."""
    escaped = _escape(line)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _escape(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga")
