"""Code shared by commands about pictures: keys, files, the table of results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, cast

import typer

from hpcli.errors import UsageError
from hpcli.parse import parse_serial
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.pictures.decrypt import Keys, Picture
    from hpcli.alarms.pictures.files import PictureFile


DeviceOption = Annotated[
    str | None, typer.Option("--device", help="Device whose key decrypts it.", metavar="SERIAL")
]


KeyStdin = Annotated[bool, typer.Option("--key-stdin", help="Read the device's picture key from stdin.")]


Checksum = Annotated[
    str | None, typer.Option(help="Checksum of a picture that the platform encrypted.", metavar="TEXT")
]


AlarmTime = Annotated[
    str | None,
    typer.Option("--time", help="Time of the event that has the checksum.", metavar="TEXT"),
]


def write_all(
    source: IO[bytes], target: Path, keys: Keys, *, holds_several: bool, source_name: str
) -> list[dict[str, Any]]:
    """Write the pictures of a file next to `target`, each with its own extension."""
    from hpcli.alarms.pictures.container import Source
    from hpcli.alarms.pictures.decrypt import decrypt_file
    from hpcli.alarms.pictures.files import new_picture

    written: list[PictureFile] = []

    @contextmanager
    def open_sink(_number: int, extension: str) -> Iterator[PictureFile]:
        with new_picture(target.with_suffix(f".{extension}")) as file:
            written.append(file)
            yield file

    found = decrypt_file(cast("Source", source), open_sink, keys=keys, holds_several=holds_several)
    return [_file_row(file.path, picture, source_name) for file, picture in zip(written, found, strict=True)]


def _file_row(path: Path, picture: Picture, source_name: str) -> dict[str, Any]:
    return {
        "file": str(path),
        "source": source_name,
        "encryption": picture.encryption,
        "extension": picture.extension,
        "size": picture.size,
        "isWhole": picture.is_whole,
        "form": picture.form or None,
    }


def read_keys(
    ctx: Context, device: str | None, *, key_stdin: bool, checksum: str | None, times: tuple[str, ...]
) -> Keys:
    """Return the known keys for a picture.

    Raises:
        UsageError: the key of the given device is not stored anywhere.
    """
    from hpcli.alarms.pictures.decrypt import Keys

    serial = parse_serial(device) if device else ""
    key: str | None = None
    if key_stdin:
        key = ctx.inputs.read_secret("Picture key", from_stdin=True, option="--key-stdin")
    elif serial:
        key = ctx.run.session.device_key(serial)
    if serial and key is None and checksum is None:
        raise UsageError(
            f"The picture key of {serial} is not known.",
            hint=f"Store it with `hpcli auth device-key set {serial}`, or use --key-stdin.",
        )
    return Keys(key.encode() if key else None, checksum, times, serial)


def show_files(ctx: Context, rows: list[dict[str, Any]]) -> None:
    """Print one row for each written file."""
    from hpcli.commands.alarms.tables import FILES

    if rows:
        ctx.show(rows, FILES)
