"""`hpcli alarms picture` and `hpcli alarms decrypt`: single pictures by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, cast

import typer

from hpcli.alarms.pictures.links import picture_facts
from hpcli.errors import HpcliError, LocalError, PictureError, UsageError
from hpcli.parse import parse_serial
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.pictures.decrypt import Keys, Picture
    from hpcli.alarms.pictures.files import PictureFile
    from hpcli.alarms.pictures.saver import PictureSaver

_Device = Annotated[str | None, typer.Option("--device", help="Device whose key opens it.", metavar="SERIAL")]
_KeyStdin = Annotated[bool, typer.Option("--key-stdin", help="Read the device's picture key from stdin.")]
_Checksum = Annotated[
    str | None, typer.Option(help="Checksum of a picture that the platform encrypted.", metavar="TEXT")
]
_Time = Annotated[
    str | None,
    typer.Option("--time", help="Time that goes with the checksum, as in the event.", metavar="TEXT"),
]


def picture_saver(ctx: Context, folder: Path, *, decrypts: bool) -> PictureSaver:
    """Return what fetches the account's pictures into a folder, opened with their devices' keys or as they came."""
    from hpcli.alarms.pictures.saver import PictureSaver
    from hpcli.client.connections import is_local_host

    connection = ctx.run.connection
    return PictureSaver(
        folder,
        ctx.client.alarms,
        connection.device_key if decrypts else None,
        allow_local=is_local_host(connection.account.login_host),
        address_now=connection.picture_address,
    )


def show_picture(
    ctx: Context,
    address: Annotated[
        str, typer.Argument(help="https address, or ISAPI_FILES path, of an event.", metavar="URL_OR_PATH")
    ],
    save: Annotated[Path | None, typer.Option(help="Download it to this file.", metavar="FILE")] = None,
    decrypt: Annotated[bool, typer.Option("--decrypt", help="Decrypt what is saved.")] = False,
    device: _Device = None,
    key_stdin: _KeyStdin = False,
    checksum: _Checksum = None,
    time: _Time = None,
) -> None:
    """Print the link of an alarm picture, or save the picture.

    The link of an ISAPI_FILES path lives two hours. The key of a device comes
    from HPCLI_DEVICE_KEYS_FILE or the keyring (`hpcli auth device-key set`).

    $ hpcli alarms picture "$ADDRESS" --save hall.jpg --decrypt
    """
    if save is None:
        if decrypt:
            raise UsageError("--decrypt needs --save FILE.")
        _show_link(ctx, address)
        return
    from hpcli.alarms.pictures.saver import download_file

    saver = picture_saver(ctx, save.parent, decrypts=False)
    facts = picture_facts({}, address)
    with download_file(save.parent, "--save FILE") as source:
        saver.fetch(address, source)
        if decrypt:
            times = tuple(text for text in (time, *facts.times) if text)
            serial = device or _serial_in(address)
            keys = _keys(ctx, serial, key_stdin=key_stdin, checksum=checksum or facts.checksum, times=times)
            rows = _write_all(source, save, keys, holds_several=facts.holds_several, source_name=address)
        else:
            rows = _write_plain(source, save, address)
    _show_files(ctx, rows)


def _show_link(ctx: Context, address: str) -> None:
    from hpcli.commands.alarms.tables import LINKS

    if address.startswith("https://"):
        link: dict[str, Any] = {"pictureUrl": address, "encrypt": "isEncrypted=0" not in address}
    else:
        link = ctx.client.alarms.picture_url(address)
    ctx.show_one(link, LINKS)


def decrypt_files(
    ctx: Context,
    files: Annotated[list[Path], typer.Argument(help="Pictures as they were downloaded.", metavar="FILE...")],
    save_dir: Annotated[
        Path | None, typer.Option(help="Folder of the results; that of each file without it.", metavar="DIR")
    ] = None,
    device: _Device = None,
    key_stdin: _KeyStdin = False,
    checksum: _Checksum = None,
    time: _Time = None,
) -> None:
    """Decrypt pictures that are on this computer.

    A result has the name of its file and the ending of what it is; a file with
    several pictures gives several. The original stays as it is.

    $ hpcli alarms decrypt picture.enc --device Q10254783
    $ hpcli alarms decrypt *.enc --key-stdin --save-dir out < key.txt
    $ hpcli alarms decrypt picture.enc --checksum fd9b7f16393203046d40be71da380128 --time 2021-08-09T12:54:25
    """
    keys = _keys(
        ctx, device, key_stdin=key_stdin, checksum=checksum, times=(time,) if time is not None else ()
    )
    rows: list[dict[str, Any]] = []
    errors: list[HpcliError | None] = []
    for file in files:
        try:
            rows += _decrypt_file(file, save_dir, keys)
        except (PictureError, LocalError) as error:
            if len(files) > 1:
                ctx.run.complain(f"{file}: {error}")
            errors.append(error)
        else:
            errors.append(None)
    _show_files(ctx, rows)
    from hpcli.run.attempts import raise_failures

    raise_failures(errors)


def _decrypt_file(file: Path, save_dir: Path | None, keys: Keys) -> list[dict[str, Any]]:
    from hpcli.alarms.pictures.container import find_pictures, holds_pictures

    path = file.expanduser()
    try:
        source = path.open("rb")
    except OSError as error:
        raise LocalError(f"{file} cannot be read: {error.strerror}.") from error
    with source:
        spans = find_pictures(source, holds_several=True).spans
        if not holds_pictures(source, spans):
            raise PictureError(f"{file} is no picture.")
        has_several = len(spans) > 1
        target = (save_dir.expanduser() if save_dir else path.parent) / path.name
        return _write_all(source, target, keys, holds_several=has_several, source_name=str(file))


def _write_all(
    source: IO[bytes], target: Path, keys: Keys, *, holds_several: bool, source_name: str
) -> list[dict[str, Any]]:
    """Write the pictures of a file beside `target`, each with its own ending."""
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


def _write_plain(source: IO[bytes], target: Path, source_name: str) -> list[dict[str, Any]]:
    from hpcli.alarms.pictures.files import new_picture

    size = 0
    with new_picture(target.expanduser()) as file:
        while chunk := source.read(1 << 20):
            size += file.write(chunk)
    return [
        {"file": str(file.path), "source": source_name, "encryption": None, "extension": target.suffix[1:],
         "size": size, "isWhole": True, "form": None}
    ]  # fmt: skip


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


def _keys(
    ctx: Context, device: str | None, *, key_stdin: bool, checksum: str | None, times: tuple[str, ...]
) -> Keys:
    """Return what is known to open a picture.

    Raises:
        UsageError: a device's key is asked for and nowhere to be found.
    """
    from hpcli.alarms.pictures.decrypt import Keys

    serial = parse_serial(device) if device else ""
    key: str | None = None
    if key_stdin:
        key = ctx.inputs.read_secret("The picture key", from_stdin=True, option="--key-stdin")
    elif serial:
        key = ctx.run.connection.device_key(serial)
    if serial and key is None and checksum is None:
        raise UsageError(
            f"The picture key of {serial} is not known.",
            hint=f"Keep it with `hpcli auth device-key set {serial}`, or give it with --key-stdin.",
        )
    return Keys(key.encode() if key else None, checksum, times, serial)


def _serial_in(address: str) -> str | None:
    """Return the serial that a picture's address names."""
    import re

    found = re.search(r"(?:ISAPI_FILES/|[?&]deviceSerialNo=)([A-Za-z0-9]{1,9})(?![A-Za-z0-9])", address)
    return found[1] if found else None


def _show_files(ctx: Context, rows: list[dict[str, Any]]) -> None:
    from hpcli.commands.alarms.tables import FILES

    if rows:
        ctx.show(rows, FILES)
