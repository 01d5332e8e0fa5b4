"""The config file: profiles, their settings, and the serials of stored device keys.

::

    default-profile = "work"

    [settings]                      # for every profile that does not set its own
    timeout = "30s"

    [profiles.work]
    app-key = "…"                   # an identifier; the secret key is never in this file
    credentials = "keyring"         # or "file", see `keys.py`
    device-keys = ["Q12345678"]     # serials only: a keyring cannot list its entries
    base-url = "https://api.hik-partner.com"
    user-level = "installer"
"""

from __future__ import annotations

import contextlib
import os
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from hpcli.auth.account import REGIONS, normalise_base_url
from hpcli.auth.config_keys import unknown_keys
from hpcli.auth.keys import CREDENTIALS
from hpcli.errors import LocalError, UsageError
from hpcli.local.own_folder import OwnFolder, unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from tomlkit import TOMLDocument

CredentialPlace = Literal["keyring", "file"]
RESERVED_NAME = "sandbox"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_FILE = "config.toml"
_TRUSTED = frozenset({0})  # the administrator may write it for a service
_LOCK_SECONDS = 10.0
_SECRET_WORDS = frozenset({"secret-key", "secret", "password"})
# The keys of a profile that are not settings.
_OWN_KEYS = frozenset({"app-key", "credentials", "device-keys"})
_SECTIONS = ("default-profile", "settings", "profiles")


class Profile(NamedTuple):
    """A profile in the config file.

    Args:
        name: letters, digits, `-`, `_`, `.`; not `sandbox`.
        app_key: API key of the account.
        base_url: login host.
        device: serial of the default device.
        user_level: default user level of calls to devices, `installer` or `admin`.
        credentials: the store of its secret key.
        settings: all its settings by config key, as written; of those that are fields too, `save` writes the field.
    """

    name: str
    app_key: str
    base_url: str = REGIONS["general"]
    device: str | None = None
    user_level: str | None = None
    credentials: CredentialPlace = "keyring"
    settings: Mapping[str, Any] = MappingProxyType({})

    def __repr__(self) -> str:
        """Return its name: a traceback shows no app key."""
        return f"Profile({self.name!r})"


class Profiles:
    """The profiles of one config folder; the file is read on first use and after each change."""

    def __init__(self, config_dir: Path) -> None:
        self._folder = OwnFolder(config_dir)
        self.path = config_dir / _FILE
        self._content: dict[str, Any] | None = None

    @property
    def exists(self) -> bool:
        """Whether there is a config file, readable or not."""
        return os.path.lexists(self.path)

    @property
    def default(self) -> str | None:
        """Name of the default profile; without a choice, the only profile is the default."""
        name = str(self.read_setting("default-profile") or "").strip()
        names = self.names()
        if not name and len(names) == 1:
            return names[0]
        return name or None

    def names(self) -> tuple[str, ...]:
        """Return the names of all profiles, sorted."""
        return tuple(sorted(self._tables()))

    def get(self, name: str) -> Profile:
        """Return a profile.

        Raises:
            UsageError: there is no such profile, or it cannot be read.
        """
        table = self._table(name)
        app_key, place = table.get("app-key"), table.get("credentials", "keyring")
        if not isinstance(app_key, str) or not app_key.strip():
            raise self._wrong(f"the profile '{name}' has no app-key", f"hpcli auth login --profile {name}")
        if place not in ("keyring", "file"):
            raise self._wrong(f'credentials of the profile \'{name}\' is neither "keyring" nor "file"')
        settings = {key: value for key, value in table.items() if key not in _OWN_KEYS}
        return Profile(
            name=name,
            app_key=app_key.strip(),
            base_url=normalise_base_url(str(settings.get("base-url", REGIONS["general"]))),
            device=_text_or_none(settings.get("device")),
            user_level=_text_or_none(settings.get("user-level")),
            credentials=place,
            settings=settings,
        )

    def save(self, profile: Profile) -> None:
        """Write a profile and keep its device keys; the first profile becomes the default.

        Raises:
            UsageError: the name is not valid.
            LocalError: the file cannot be written.
        """
        check_profile_name(profile.name)
        values = {
            **profile.settings,
            "app-key": profile.app_key,
            "credentials": profile.credentials,
            "base-url": normalise_base_url(profile.base_url),
            "device": profile.device,
            "user-level": profile.user_level,
        }

        def put(document: dict[str, Any]) -> None:
            table = _subtable(document, "profiles", profile.name)
            for key in [key for key in table if key not in values and key != "device-keys"]:
                del table[key]
            for key, value in values.items():
                _set(table, key, value)
            if len(document["profiles"]) == 1:
                _set(document, "default-profile", profile.name)

        self._change(put)

    def remove(self, name: str) -> None:
        """Remove a profile, also as the default; `KeyStore.delete` deletes its keys.

        Raises:
            UsageError: there is no such profile.
            LocalError: the file cannot be written.
        """
        self._table(name)

        def drop(document: dict[str, Any]) -> None:
            document["profiles"].pop(name, None)
            if document.get("default-profile") == name:
                del document["default-profile"]

        self._change(drop)

    def set_default(self, name: str) -> None:
        """Make a profile the default.

        Raises:
            UsageError: there is no such profile.
            LocalError: the file cannot be written.
        """
        if name != RESERVED_NAME:
            self._table(name)
        self.write_setting("default-profile", name)

    def device_key_serials(self, name: str) -> tuple[str, ...]:
        """Return the serials of the devices whose picture keys this profile has, sorted."""
        serials = self._table(name).get("device-keys", [])
        if not isinstance(serials, list):
            raise self._wrong(f"device-keys of the profile '{name}' is not a list")
        return tuple(sorted(str(serial) for serial in serials))

    def add_device_key_serial(self, name: str, serial: str) -> None:
        """Record that this profile has the picture key of a device."""
        self._change_serials(name, lambda serials: serials | {serial})

    def remove_device_key_serial(self, name: str, serial: str) -> None:
        """Record that this profile no longer has the picture key of a device."""
        self._change_serials(name, lambda serials: serials - {serial})

    def _change_serials(self, name: str, change: Callable[[set[str]], set[str]]) -> None:
        self.device_key_serials(name)

        def put(document: dict[str, Any]) -> None:
            table = _subtable(document, "profiles", name)
            _set(table, "device-keys", sorted(change(set(table.get("device-keys", [])))) or None)

        self._change(put)

    def remove_leftovers(self) -> None:
        """Remove the copies of config.toml and of the credentials that killed processes left."""
        self._folder.remove_leftovers(_FILE, CREDENTIALS)

    def read_setting(self, key: str) -> Any:
        """Return the value of a dotted key, such as `settings.timeout`; None if there is none.

        For a profile with dots in its name use `get`.
        """
        value: Any = self._read()
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def write_setting(self, key: str, value: Any) -> None:
        """Set the value of a dotted key; None removes it.

        Raises:
            UsageError: the key is that of a secret, or of a table.
            LocalError: the file cannot be written.
        """
        *folder, last = key.split(".")
        if last in _SECRET_WORDS:
            raise UsageError(
                f"{last} cannot be stored in {self.path.name}.",
                hint="`hpcli auth login` stores it in the keyring; or set HPCLI_SECRET_KEY.",
            )
        self._change(lambda document: _set(_subtable(document, *folder), last, value))

    def _tables(self) -> dict[str, Any]:
        tables = self._read().get("profiles", {})
        if not isinstance(tables, dict):
            raise self._wrong("profiles is not a table")
        return tables

    def _table(self, name: str) -> dict[str, Any]:
        table = self._tables().get(name)
        if table is None:
            raise self.no_such_profile(name)
        if not isinstance(table, dict):
            raise self._wrong(f"the profile '{name}' is not a table")
        return table

    def no_such_profile(self, name: str) -> UsageError:
        """Return the error for a profile that does not exist; it names the nearest and all there are."""
        from hpcli.reference.choices import did_you_mean, nearest

        names = [*self.names(), RESERVED_NAME]
        meant = did_you_mean(nearest(name, names))
        return UsageError(
            f"There is no profile '{name}'.",
            hint=f"{meant}Profiles: {', '.join(names)}. `hpcli auth login --profile NAME` creates one.",
        )

    def problems(self, settings: Collection[str]) -> list[str]:
        """Return what hpcli ignores in the file: unknown sections and keys, a default that names no profile.

        Args:
            settings: the keys that a profile and `[settings]` may have.
        """
        content = self._read()
        found = unknown_keys(content, _SECTIONS, "")
        found += unknown_keys(content.get("settings"), settings, " under [settings]")
        for name, table in self._tables().items():
            found += unknown_keys(table, {*settings, *_OWN_KEYS}, f" under [profiles.{name}]")
        default = self.default
        if default is not None and default not in (*self.names(), RESERVED_NAME):
            error = self.no_such_profile(default)
            found.append(f"default-profile is '{default}', which is not a profile. {error.hint}")
        return [f"{self.path}: {problem}" for problem in found]

    def _read(self) -> dict[str, Any]:
        if self._content is None:
            self._content = self._parse(self._read_text())
        return self._content

    def _read_text(self) -> str:
        try:
            return self._folder.read(_FILE, owners=_TRUSTED).decode("utf-8-sig")
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except OSError as error:
            raise unusable(self.path, error, "read") from error
        except UnicodeDecodeError as error:
            raise self._wrong("it is not UTF-8 text") from error

    def _parse(self, text: str) -> dict[str, Any]:
        if not text:
            return {}
        import tomllib

        try:
            return tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            raise self._wrong(str(error)) from error

    def _wrong(self, what: str, repair: str | None = None) -> UsageError:
        hint = (
            f"Run `{repair}`, or correct the file in an editor."
            if repair
            else "Correct the file in an editor."
        )
        return UsageError(f"{self.path} cannot be used: {what}.", hint=hint)

    def _change(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Apply a change to the current file; keep comments and changes by other processes."""
        with self._locked():
            document = self._parse_for_editing(self._read_text())
            change(document)
            text = document.as_string()
            content = self._parse(text)
            try:
                self._folder.replace(_FILE, text.encode())
            except OSError as error:
                raise self._unwritable(error) from error
        self._content = content

    def _parse_for_editing(self, text: str) -> TOMLDocument:
        import tomlkit
        from tomlkit.exceptions import TOMLKitError

        try:
            return tomlkit.parse(text)
        except TOMLKitError as error:
            raise self._wrong(str(error)) from error

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            lock = self._folder.lock(".config.lock", timeout=_LOCK_SECONDS)
            lock.acquire()
        except TimeoutError as error:
            raise LocalError(
                f"Another program has locked {self.path}.", hint="Stop the other hpcli, or try again."
            ) from error
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            yield
        finally:
            lock.release()

    def _unwritable(self, error: OSError) -> LocalError:
        return unusable(
            self.path, error, "written", "Make the folder writable, or choose another with HPCLI_CONFIG_DIR."
        )


def check_profile_name(name: str) -> str:
    """Check the name of a new profile and return it.

    Raises:
        UsageError: it has other characters than letters, digits, `-`, `_`, `.`, or is reserved.
    """
    if name == RESERVED_NAME:
        raise UsageError(
            f"The profile '{name}' is the bundled stand-in and needs no login.", hint="Choose another name."
        )
    if _NAME.fullmatch(name) is None:
        raise UsageError(
            f"'{name}' is not a valid profile name.", hint="Use up to 64 letters, digits, '-', '_' and '.'."
        )
    return name


def git_work_tree_warning(path: Path) -> str | None:
    """Return a warning if a file with a key is in a git work tree, else None.

    Public code is full of committed app keys (field note), so the warning includes files that git ignores.
    """
    whole = path.resolve()
    for folder in (whole, *whole.parents):
        if (folder / ".git").exists():
            return f"{path} contains a key and is in the git work tree {folder}: do not commit it."
    return None


def _subtable(document: dict[str, Any], *path: str) -> dict[str, Any]:
    """Return the table at a path, created if missing."""
    table = document
    for name in path:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise UsageError(f"The config file has a value at '{name}', so it cannot have keys below it.")
    return table


def _set(table: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
