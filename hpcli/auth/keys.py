"""Secret keys and device keys: where they are kept, and the files a user may give instead.

`keyring_store.KeyringStore` keeps them in the system's keyring, `FileStore` (`--insecure-storage`) in a file.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Protocol

from hpcli.errors import LocalError, UsageError
from hpcli.local.atomic_write import replace_file
from hpcli.local.locks import lock_file
from hpcli.local.private_files import make_private_folder, read_private_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LOCK_SECONDS = 10.0
# Docker and Podman mount secrets here, readable by everyone in a container that nobody else shares.
_CONTAINER_SECRETS = "/run/secrets"


class Secret(str):
    """A secret that its `repr` does not show, so neither do tracebacks, dataclasses and test reports.

    It is the text itself otherwise: formatting it into a message does show it.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """Return stars."""
        return "'***'"


class KeyStore(Protocol):
    """Keeps secrets by entry, see `secret_key_entry` and `device_key_entry`.

    Each method raises LocalError, with a hint, where the place cannot be used.
    """

    @property
    def place(self) -> str:
        """Where the secrets are, in words for `auth status`; told without looking there."""
        ...

    def read(self, entry: str) -> Secret | None:
        """Return a secret, None where there is none."""
        ...

    def write(self, entry: str, secret: str) -> None:
        """Keep a secret, in place of the one before."""
        ...

    def delete(self, entry: str) -> bool:
        """Forget a secret; return whether there was one."""
        ...


def secret_key_entry(profile: str) -> str:
    """Name the entry of a profile's secret key."""
    return f"{profile}:secret-key"


def device_key_entry(profile: str, serial: str) -> str:
    """Name the entry of the picture key of a device."""
    return f"{profile}:device-key:{serial}"


class FileStore:
    """Keeps secrets in `credentials.json` of the config folder, mode 0600, unencrypted.

    Args:
        config_dir: made with mode 0700 when first written.
    """

    def __init__(self, config_dir: Path) -> None:
        self.path = config_dir / "credentials.json"

    @property
    def place(self) -> str:
        """Where the secrets are."""
        return f"file {self.path}"

    def read(self, entry: str) -> Secret | None:
        """Return a secret, None where there is none.

        Raises:
            LocalError: the file cannot be read, or others can read it too.
            UsageError: it is damaged.
        """
        secret = self._read_all().get(entry)
        return None if secret is None else Secret(secret)

    def write(self, entry: str, secret: str) -> None:
        """Keep a secret.

        Raises:
            LocalError: the file cannot be written, or others can read it.
            UsageError: it is damaged.
        """
        self._change(lambda secrets: {**secrets, entry: str(secret)})

    def delete(self, entry: str) -> bool:
        """Forget a secret; return whether there was one."""
        if entry not in self._read_all():
            return False
        self._change(lambda secrets: {name: secret for name, secret in secrets.items() if name != entry})
        return True

    def _read_all(self) -> dict[str, str]:
        try:
            text = read_private_file(self.path)
        except FileNotFoundError:
            return {}
        try:
            secrets = json.loads(text)
        except json.JSONDecodeError as error:
            where = f"line {error.lineno} column {error.colno}"
            # `from None`: the decoder's error carries the whole text.
            raise self._damaged(f"{error.msg} at {where}") from None
        if not isinstance(secrets, dict) or not all(isinstance(secret, str) for secret in secrets.values()):
            raise self._damaged("it is no object of texts")
        return secrets

    def _change(self, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        try:
            make_private_folder(self.path.parent)
            with lock_file(self.path.with_name(".credentials.lock"), timeout=_LOCK_SECONDS):
                secrets = change(self._read_all())
                replace_file(self.path, json.dumps(secrets, indent=2).encode() + b"\n")
        except TimeoutError as error:
            raise LocalError(
                f"Another program holds {self.path} locked.", hint="End the other hpcli, or try again."
            ) from error
        except OSError as error:
            raise LocalError(
                f"{self.path} cannot be written: {error.strerror}.",
                hint="Choose another folder with HPCLI_CONFIG_DIR, or free this one.",
            ) from error

    def _damaged(self, what: str) -> UsageError:
        return UsageError(
            f"{self.path} cannot be used: {what}.",
            hint="Remove it and run `hpcli auth login --insecure-storage` again.",
        )


def read_secret_file(path: Path) -> Secret:
    """Return the secret key that a file holds on its one line (`HPCLI_SECRET_KEY_FILE`).

    Mode 0600 or 0640; the secrets that a container engine mounts under `/run/secrets` may have any.

    Raises:
        LocalError: it cannot be read, or every user of this computer can read it.
        UsageError: there is none, or it holds no single line of text.
    """
    is_mounted = path.resolve().is_relative_to(_CONTAINER_SECRETS)
    try:
        lines = read_private_file(path, group_may_read=True, others_may_read=is_mounted).split("\n")
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}.", hint="HPCLI_SECRET_KEY_FILE names it.") from error
    filled = [line.strip() for line in lines if line.strip()]
    if len(filled) != 1 or not filled[0].isprintable():
        raise UsageError(f"{path} does not hold one line with the secret key.")
    return Secret(filled[0])


def read_device_keys_file(path: Path) -> dict[str, Secret]:
    """Return the picture keys of a file (`HPCLI_DEVICE_KEYS_FILE`) by serial.

    Each line is `SERIAL KEY`, the key being all behind the first blanks. Empty lines and those starting with
    `#` are skipped. Messages name the line, never what is on it: a line may hold a key alone. Mode 0600 or 0640:
    systemd's credentials (`LoadCredential=`) show the latter.

    Raises:
        LocalError: it cannot be read, or every user of this computer can read it.
        UsageError: there is none, or a line is not of this form.
    """
    try:
        text = read_private_file(path, group_may_read=True)
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}.", hint="HPCLI_DEVICE_KEYS_FILE names it.") from error
    keys: dict[str, Secret] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        words = line.split(maxsplit=1)
        if len(words) != 2 or re.fullmatch(r"[A-Za-z0-9]{1,9}", words[0]) is None:
            raise UsageError(f"{path}, line {number}: no serial and key.", hint="Write `SERIAL KEY` a line.")
        serial, key = words[0], Secret(words[1].rstrip())
        if keys.setdefault(serial, key) != key:
            raise UsageError(f"{path}, line {number}: another key for {serial} stands above.")
    return keys
