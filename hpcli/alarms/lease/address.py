"""The address of a lease: `nats://HOST[:PORT][,HOST…]/BUCKET[?credentials=FILE&…]`."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from hpcli.errors import LocalError, UsageError
from hpcli.local.private_files import read_text_file

_PORT: Final = 4222
_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
_BUCKET: Final = re.compile(r"[A-Za-z0-9_-]+")
_OPTIONS: Final = ("tls", "ca-file", "credentials", "user", "secret-file")


@dataclass(frozen=True)
class LeaseAddress:
    """The servers and the bucket of a lease.

    Attributes:
        servers: with scheme and port, as the library takes them.
        bucket: name of the bucket of JetStream's key-value store.
        is_encrypted: speak TLS.
        authorities: file with the certificates to trust, None for those of the system.
        credentials: file of NATS credentials (`.creds`).
        user: name that goes with the secret; without it the secret is a token.
        secret: password or token, empty for none.
    """

    servers: tuple[str, ...]
    bucket: str
    is_encrypted: bool = False
    authorities: Path | None = None
    credentials: Path | None = None
    user: str | None = None
    secret: str = field(default="", repr=False)

    @property
    def short(self) -> str:
        """Servers and bucket, for people."""
        return f"{','.join(self.servers)}/{self.bucket}"

    def connection(self) -> dict[str, Any]:
        """Return the options with which the library connects.

        Raises:
            OSError: the file of authorities cannot be read.
        """
        options: dict[str, Any] = {}
        if self.is_encrypted:
            import ssl

            options["tls"] = ssl.create_default_context(cafile=self.authorities)
        if self.credentials is not None:
            options["user_credentials"] = str(self.credentials)
        if self.secret:
            options |= {"user": self.user, "password": self.secret} if self.user else {"token": self.secret}
        return options


def read_lease_address(text: str) -> LeaseAddress:
    """Return the address that `--lease` gives.

    Raises:
        UsageError: it is not one, or would send a secret without encryption.
        LocalError: the secret's file cannot be read.
    """
    url = urlsplit(text)
    if url.scheme not in ("nats", "tls") or not url.netloc:
        raise UsageError(f"'{text}' is not the address of a lease.", hint="Write nats://HOST/BUCKET.")
    if "@" in url.netloc:
        raise UsageError(
            "The address of a lease cannot hold a user or password.",
            hint="Add ?credentials=FILE, or ?user=NAME&secret-file=FILE.",
        )
    bucket = url.path.removeprefix("/")
    if not _BUCKET.fullmatch(bucket):
        raise UsageError(
            f"'{bucket}' is not the name of a bucket." if bucket else "The bucket of the lease is missing.",
            hint="Write nats://HOST/BUCKET; the name has letters, digits, - and _.",
        )
    options = _options(url.query)
    is_encrypted = url.scheme == "tls" or options.get("tls") == "true" or "ca-file" in options
    servers = tuple(_server(part) for part in url.netloc.split(","))
    is_remote = any(server.rpartition("://")[2].rpartition(":")[0] not in _LOOPBACK for server in servers)
    if "secret-file" in options and is_remote and not is_encrypted:
        raise UsageError("The secret of the lease would be sent without encryption.", hint="Add tls=true.")
    return LeaseAddress(
        servers,
        bucket,
        is_encrypted,
        _path(options, "ca-file"),
        _path(options, "credentials"),
        options.get("user"),
        _secret(_path(options, "secret-file")),
    )


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    for name, value in options.items():
        if name not in _OPTIONS:
            from hpcli.reference.choices import did_you_mean, nearest

            raise UsageError(
                f"A lease has no option '{name}'.",
                hint=f"{did_you_mean(nearest(name, _OPTIONS))}Options: {', '.join(_OPTIONS)}.",
            )
        if not value or (name == "tls" and value not in ("true", "false")):
            raise UsageError(f"'{value}' is not a value of the lease's option '{name}'.")
    if "user" in options and "secret-file" not in options:
        raise UsageError("The lease's option 'user' needs 'secret-file'.")
    return options


def _server(part: str) -> str:
    """Return a server with its port."""
    try:
        url = urlsplit(f"nats://{part}")
        port = url.port or _PORT
    except ValueError as error:
        raise UsageError(f"'{part}' is not a server: {error}.") from error
    if not url.hostname:
        raise UsageError("The host of the lease is missing.", hint="Write nats://HOST/BUCKET.")
    return f"nats://{f'[{url.hostname}]' if ':' in url.hostname else url.hostname}:{port}"


def _path(options: dict[str, str], name: str) -> Path | None:
    if name not in options:
        return None
    path = Path(options[name]).expanduser()
    if not path.is_file():
        raise LocalError(f"There is no file {path} for the lease's option '{name}'.")
    return path


def _secret(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        secret = read_text_file(path).strip()
    except (OSError, ValueError) as error:
        raise LocalError(f"{path} cannot be read.") from error
    if not secret:
        raise LocalError(f"{path} is empty; it should hold the secret of the lease.")
    return secret


def check_lease_library() -> None:
    """Refuse a lease where its library is not installed.

    Raises:
        LocalError: it is not.
    """
    if importlib.util.find_spec("nats") is None:
        raise LocalError(
            "--lease needs the library nats, which is not installed.",
            hint="In the checkout of hpcli run `pip install '.[nats]'`: it is the extra nats of hikpartner-cli.",
        )
