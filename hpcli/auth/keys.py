"""Secret keys and device keys: their stores, and the files a user may give instead.

`keyring_store.KeyringStore` stores them in the system's keyring, `FileStore` (`--insecure-storage`) in a file.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Protocol

from hpcli.errors import LocalError, UsageError
from hpcli.local.own_folder import OwnFolder, unusable
from hpcli.local.private_files import read_private_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CREDENTIALS = "credentials.json"
_LOCK_SECONDS = 10.0
# Docker and Podman mount secrets here, readable by every user of the container.
_CONTAINER_SECRETS = "/run/secrets"


class Secret(str):
    """A secret whose `repr` hides it from tracebacks, dataclasses and test reports.

    Otherwise it is plain text: formatting it into a message shows it.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """Return asterisks."""
        return "'***'"


class KeyStore(Protocol):
    """Stores secrets by entry; see `secret_key_entry` and `device_key_entry`.

    Each method raises LocalError, with a hint, if the store cannot be used.
    """

    @property
    def place(self) -> str:
        """The place of the secrets, for messages; known without access to the store."""
        ...

    def read(self, entry: str) -> Secret | None:
        """Return a secret, None if there is none."""
        ...

    def write(self, entry: str, secret: str) -> None:
        """Store a secret, replacing the previous one."""
        ...

    def delete(self, entry: str) -> bool:
        """Delete a secret; return whether there was one."""
        ...


def secret_key_entry(profile: str) -> str:
    """Return the entry of a profile's secret key."""
    return f"{profile}:secret-key"


def device_key_entry(profile: str, serial: str) -> str:
    """Return the entry of the picture key of a device."""
    return f"{profile}:device-key:{serial}"


class FileStore:
    """Stores secrets unencrypted in `credentials.json` of the config folder, with mode 0600.

    Args:
        config_dir: created with mode 0700 at the first write.
    """

    def __init__(self, config_dir: Path) -> None:
        self._folder = OwnFolder(config_dir)
        self.path = config_dir / CREDENTIALS

    @property
    def place(self) -> str:
        """The place of the secrets, for messages."""
        return f"file {self.path}"

    def entries(self) -> tuple[str, ...]:
        """Return the names of all secrets, sorted. Raises like `read`."""
        return tuple(sorted(self._read_all()))

    def read(self, entry: str) -> Secret | None:
        """Return a secret, None if there is none.

        Raises:
            LocalError: the file cannot be read, or other users can read it.
            UsageError: the file is damaged.
        """
        secret = self._read_all().get(entry)
        return None if secret is None else Secret(secret)

    def write(self, entry: str, secret: str) -> None:
        """Store a secret.

        Raises:
            LocalError: the file cannot be written, or other users can read it.
            UsageError: it is damaged.
        """
        self._change(lambda secrets: {**secrets, entry: str(secret)})

    def delete(self, entry: str) -> bool:
        """Delete a secret; return whether there was one."""
        if entry not in self._read_all():
            return False
        self._change(lambda secrets: {name: secret for name, secret in secrets.items() if name != entry})
        return True

    def _read_all(self) -> dict[str, str]:
        try:
            content = self._folder.read(CREDENTIALS, others_may_read=False)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise unusable(self.path, error, "read") from error
        try:
            secrets = json.loads(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise self._damaged("it is not UTF-8 text") from None
        except json.JSONDecodeError as error:
            where = f"line {error.lineno} column {error.colno}"
            # `from None`: the decoder's error contains the whole text.
            raise self._damaged(f"{error.msg} at {where}") from None
        if not isinstance(secrets, dict) or not all(isinstance(secret, str) for secret in secrets.values()):
            raise self._damaged("it is not a JSON object of strings")
        return secrets

    def _change(self, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        try:
            with self._folder.lock(".credentials.lock", timeout=_LOCK_SECONDS):
                secrets = change(self._read_all())
                self._folder.replace(CREDENTIALS, json.dumps(secrets, indent=2).encode() + b"\n")
        except TimeoutError as error:
            raise LocalError(
                f"Another program has locked {self.path}.", hint="Stop the other hpcli, or try again."
            ) from error
        except OSError as error:
            raise unusable(
                self.path,
                error,
                "written",
                "Make the folder writable, or choose another with HPCLI_CONFIG_DIR.",
            ) from error

    def _damaged(self, what: str) -> UsageError:
        return UsageError(
            f"{self.path} cannot be used: {what}.",
            hint="Remove it and run `hpcli auth login --insecure-storage` again.",
        )


def read_secret_file(path: Path) -> Secret:
    """Return the secret key in a file with one line (`HPCLI_SECRET_KEY_FILE`).

    The mode must be 0600 or 0640; secrets mounted by a container engine under `/run/secrets` may have any mode.

    Raises:
        LocalError: the file cannot be read, or every user of this computer can read it.
        UsageError: the file does not exist, or does not hold exactly one line.
    """
    is_mounted = path.resolve().is_relative_to(_CONTAINER_SECRETS)
    try:
        lines = read_private_file(path, group_may_read=True, others_may_read=is_mounted).split("\n")
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}.", hint="Check HPCLI_SECRET_KEY_FILE.") from error
    filled = [line.strip() for line in lines if line.strip()]
    if len(filled) != 1 or not filled[0].isprintable():
        raise UsageError(f"{path} does not hold one line with the secret key.")
    return Secret(filled[0])


def read_device_keys_file(path: Path) -> dict[str, Secret]:
    """Return the picture keys in a file (`HPCLI_DEVICE_KEYS_FILE`) by serial.

    Each line is `SERIAL KEY`; the key is everything after the first blanks. Empty lines and lines that start
    with `#` are skipped. Messages give the number of a line, never its text, because it may be a key. The mode
    must be 0600 or 0640, which systemd credentials (`LoadCredential=`) have.

    Raises:
        LocalError: it cannot be read, or every user of this computer can read it.
        UsageError: the file does not exist, or a line has another form.
    """
    try:
        text = read_private_file(path, group_may_read=True)
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}.", hint="Check HPCLI_DEVICE_KEYS_FILE.") from error
    keys: dict[str, Secret] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        words = line.split(maxsplit=1)
        if len(words) != 2 or re.fullmatch(r"[A-Za-z0-9]{1,9}", words[0]) is None:
            raise UsageError(
                f"{path}, line {number} is not a serial and a key.", hint="Write one `SERIAL KEY` a line."
            )
        serial, key = words[0], Secret(words[1].rstrip())
        if keys.setdefault(serial, key) != key:
            raise UsageError(f"{path}, line {number} has a second key for {serial}.")
    return keys
