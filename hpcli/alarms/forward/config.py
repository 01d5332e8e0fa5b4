"""`forward.toml` in the config directory: the outputs of `alarms forward`.

::

    [output.centre]
    to = ["https://alarms.example/hook"]     # further ones are back-ups
    only = ["category=burglary,fire", "priority=critical"]
    not = ["site=Test house"]
    secret-file = "/etc/hpcli/hook.secret"   # secrets are in files of their own
    from = "2026-11-22T14:31:00Z"            # or now, beginning, or the id of an event
    profile = ["work"]                       # where there are several

The file holds commands that are run, so it is refused if another user could have written it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from hpcli.alarms.forward.kind import Address, OutputKind, read_address
from hpcli.alarms.forward.loader import find_kind
from hpcli.alarms.journal.routing import Routing, make_routing
from hpcli.errors import HpcliError, LocalError, NotFoundError, UsageError
from hpcli.local.own_folder import OwnFolder, unusable, was_open_to_others
from hpcli.parse import parse_duration

FILE: Final = "forward.toml"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_RESERVED: Final = frozenset({"stdout"})
_LISTS: Final = ("to", "only", "not", "profile", "header")
_PATHS: Final = ("key-file", "secret-file", "account-map")
_FILE_OPTIONS: Final = ("ca-file", "credentials")
_DURATIONS: Final = ("collapse", "max-wait", "timeout")
KEYS: Final = (*_LISTS, *_PATHS, *_DURATIONS, "from")
_SECTIONS: Final = ("output", "rule")
_LONGEST_WAIT: Final = "30d"
_LOCK_SECONDS: Final = 10.0


@dataclass(frozen=True)
class OutputConfig:
    """An output as forward.toml declares it.

    Attributes:
        name: of the output.
        to: its addresses; further ones are back-ups.
        kind: of its first address.
        routing: which events it takes.
        origin: where it starts: `now`, `beginning`, an event id or a time.
        profiles: the profiles whose alarms it takes; empty for all.
        collapse: seconds in which equal events are merged, 0 for not at all.
        longest: how long it may stand still before its claim on old events ends, seconds.
        seconds: time limit of one sending.
        paths: the files that it names, by key.
        headers: files with headers.
        options: what else its kind takes.
    """

    name: str
    to: tuple[Address, ...]
    kind: OutputKind
    routing: Routing
    origin: str = "now"
    profiles: tuple[str, ...] = ()
    collapse: float = 0.0
    longest: float = 30 * 86400.0
    seconds: float = 30.0
    paths: Mapping[str, Path] = field(default_factory=dict)
    headers: tuple[Path, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def most(self) -> int:
        """Events of one batch, at most: the option `batch`, where its kind has that."""
        size = self.options.get("batch")
        return size if type(size) is int and size > 0 else self.kind.most

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it names: secrets, keys, maps, headers, certificates."""
        named = (self.options[name] for name in _FILE_OPTIONS if isinstance(self.options.get(name), str))
        return (*self.paths.values(), *self.headers, *(Path(text).expanduser() for text in named))

    def is_for(self, profile: str | None) -> bool:
        """Return whether it takes the alarms of a profile."""
        return not self.profiles or profile in self.profiles


@dataclass
class ForwardFile:
    """The file forward.toml of a config directory.

    Args:
        folder: the config directory.
    """

    folder: Path

    @property
    def path(self) -> Path:
        """Its path."""
        return self.folder / FILE

    def read(self) -> dict[str, Any]:
        """Return the whole content, an empty one without a file.

        Raises:
            LocalError: another user could have written it, or it cannot be read.
            UsageError: it is not a TOML file, or has a section that does not exist.
        """
        import tomllib

        text = self._read_text()
        try:
            content = tomllib.loads(text)
        except (
            ValueError,
            RecursionError,
        ) as error:  # a number too long, or too deep, besides its own errors
            raise self._wrong(str(error)) from error
        for section in content:
            if section not in _SECTIONS:
                raise self._wrong(f"there is no section '{section}'")
        if not isinstance(content.get("output", {}), dict):
            raise self._wrong("output is not a table: write [output.NAME]")
        return content

    def outputs(self) -> list[OutputConfig]:
        """Return the outputs.

        Raises:
            LocalError: see `read`.
            UsageError: one cannot be used; the error names it.
        """
        return [read_output(name, table) for name, table in self.tables().items()]

    def tables(self) -> dict[str, Any]:
        """Return the tables of the outputs by name."""
        tables: dict[str, Any] = self.read().get("output", {})
        return tables

    def find(self, name: str) -> OutputConfig:
        """Return an output.

        Raises:
            NotFoundError: there is none of that name.
        """
        return read_output(name, self.find_table(name))

    def find_table(self, name: str) -> Any:
        """Return the table of an output, which may be wrong.

        Raises:
            NotFoundError: there is none of that name.
        """
        tables = self.tables()
        if name not in tables:
            raise no_such_output(name, tables)
        return tables[name]

    def add(self, name: str, table: Mapping[str, Any]) -> None:
        """Write a new output; comments of the file stay.

        Raises:
            UsageError: the name is taken.
            LocalError: the file cannot be written.
        """

        def put(document: dict[str, Any]) -> None:
            import tomlkit

            outputs = document.setdefault("output", tomlkit.table(is_super_table=True))
            if name in outputs:
                raise UsageError(
                    f"There is an output '{name}' already.",
                    hint=f"To change it, edit its table in {self.path}: what waits for it stays, and a process that"
                    " runs takes the new settings within 10 s.",
                )
            outputs[name] = dict(table)

        self._change(put)

    def remove(self, name: str) -> None:
        """Remove an output.

        Raises:
            NotFoundError: there is none of that name.
            LocalError: the file cannot be written.
        """

        def drop(document: dict[str, Any]) -> None:
            outputs = document.get("output", {})
            if name not in outputs:
                raise no_such_output(name, outputs)
            del outputs[name]

        self._change(drop)

    def _change(self, change: Callable[[dict[str, Any]], None]) -> None:
        import tomlkit
        from tomlkit.exceptions import TOMLKitError

        own = OwnFolder(self.folder)
        try:
            own.make()
            with own.lock(f"{FILE}.lock", timeout=_LOCK_SECONDS):
                document = tomlkit.parse(self._read_text())
                change(document)
                own.replace(FILE, document.as_string().encode())
        except TOMLKitError as error:
            raise self._wrong(str(error)) from error
        except OSError as error:
            raise unusable(self.path, error, "written") from error

    def _read_text(self) -> str:
        try:
            self._check_folder()
            return OwnFolder(self.folder).read(FILE, owners=frozenset({0})).decode("utf-8-sig")
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except OSError as error:
            raise unusable(self.path, error, "used") from error
        except UnicodeDecodeError as error:
            raise self._wrong("it is not UTF-8 text") from error

    def _check_folder(self) -> None:
        """Refuse a folder that others can write: they could have put the file there."""
        if self.path.exists() and was_open_to_others(self.folder):
            raise LocalError(
                f"{self.path} cannot be used: other users can write its folder.",
                hint=f"Check the file, which holds commands, then: chmod 700 {self.folder}",
            )

    def _wrong(self, what: str) -> UsageError:
        return UsageError(f"{self.path} cannot be used: {what}.", hint="Correct the file in an editor.")


def no_such_output(name: str, known: Mapping[str, Any]) -> NotFoundError:
    """Return the error for an output that does not exist; it names the nearest."""
    from hpcli.reference.choices import did_you_mean, nearest

    listed = f"Outputs: {', '.join(known)}." if known else "`hpcli alarms forward add` makes one."
    return NotFoundError(
        f"There is no output '{name}'.", hint=f"{did_you_mean(nearest(name, known))}{listed}"
    )


def check_name(name: str) -> None:
    """Refuse a name that no output can have.

    Raises:
        UsageError: it is one.
    """
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise UsageError(
            f"'{name}' cannot be the name of an output.", hint="Use letters, digits, - and _, 32 at most."
        )


def read_output(name: str, table: Any) -> OutputConfig:
    """Return an output from its table.

    Raises:
        UsageError: it cannot be used; the error names output and key.
    """
    try:
        check_name(name)
        return _read_output(name, table)
    except HpcliError as error:
        if not error.message.startswith(f"{name}: "):
            error.message = f"{name}: {error.message}"
            error.args = (error.message,)
        raise


def _read_output(name: str, table: Any) -> OutputConfig:
    if not isinstance(table, dict):
        raise UsageError(f"write [output.{name}] with its keys.")
    to = tuple(read_address(text) for text in _texts(table, "to"))
    if not to:
        raise UsageError("`to` is missing.", hint='Write to = ["https://…"].')
    kind = find_kind(to[0])
    if any(find_kind(address) is not kind for address in to):
        raise UsageError("all addresses of an output are of one kind.", hint="Make an output for each kind.")
    _check_keys(table, kind)
    return OutputConfig(
        name=name,
        to=to,
        kind=kind,
        routing=replace(make_routing(_texts(table, "only"), _texts(table, "not")), reports=kind.reports(to)),
        origin=_text(table, "from") or "now",
        profiles=tuple(_texts(table, "profile")),
        collapse=_seconds(table, "collapse", "0"),
        longest=_seconds(table, "max-wait", _LONGEST_WAIT),
        seconds=_seconds(table, "timeout", f"{kind.seconds}s"),
        paths={key: Path(_text(table, key)).expanduser() for key in _PATHS if key in table},
        headers=tuple(Path(text.removeprefix("@")).expanduser() for text in _texts(table, "header")),
        options={key: value for key, value in table.items() if key in kind.options},
    )


def _check_keys(table: Mapping[str, Any], kind: OutputKind) -> None:
    from hpcli.reference.choices import did_you_mean, nearest

    known = (*KEYS, *sorted(kind.options))
    for key in table:
        if key not in known:
            raise UsageError(
                f"there is no key '{key}' for {kind.schemes[0]}.",
                hint=f"{did_you_mean(nearest(key, known))}Keys: {', '.join(known)}.",
            )


def _texts(table: Mapping[str, Any], key: str) -> list[str]:
    value = table.get(key, [])
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise UsageError(f"`{key}` is not a list of texts.")
    return values


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise UsageError(f"`{key}` is not a text.", hint="Put it into quotation marks.")
    return value


def _seconds(table: Mapping[str, Any], key: str, default: str) -> float:
    value = table.get(key, default)
    return parse_duration(str(value)).total_seconds()
