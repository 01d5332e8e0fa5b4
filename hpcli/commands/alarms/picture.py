"""`hpcli alarms picture`: print the link of a picture, or save it."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from hpcli.alarms.decode.picture_links import picture_facts
from hpcli.api.operations.alarms import PICTURE_URL
from hpcli.commands.alarms.picture_files import (
    AlarmTime,
    Checksum,
    DeviceOption,
    KeyStdin,
    read_keys,
    show_files,
    write_all,
)
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.api.rows.alarms import PictureLink


@calls(PICTURE_URL)
def show_picture(
    ctx: Context,
    address: Annotated[
        str, typer.Argument(help="URL or ISAPI_FILES path from an event.", metavar="URL_OR_PATH")
    ],
    save: Annotated[
        Path | None, typer.Option(help="Download the picture to this file.", metavar="FILE")
    ] = None,
    decrypt: Annotated[bool, typer.Option("--decrypt", help="Decrypt the saved picture.")] = False,
    device: DeviceOption = None,
    key_stdin: KeyStdin = False,
    checksum: Checksum = None,
    time: AlarmTime = None,
) -> None:
    """Print the link of an alarm picture, or save it.

    The link of an ISAPI_FILES path is valid for two hours. The device key comes
    from HPCLI_DEVICE_KEYS_FILE or the keyring (`hpcli auth device-key set`).

    $ hpcli alarms picture "$ADDRESS" --save hall.jpg --decrypt
    """
    if save is None:
        if decrypt:
            raise UsageError("--decrypt needs --save FILE.")
        _show_link(ctx, address)
        return
    from hpcli.alarms.pictures.saver import download_file
    from hpcli.run.pictures import picture_saver

    saver = picture_saver(ctx, save.parent, decrypts=False)
    facts = picture_facts({}, address)
    with download_file(save.parent, "--save FILE") as source:
        saver.fetch(address, source)
        if decrypt:
            times = tuple(text for text in (time, *facts.times) if text)
            serial = device or _serial_in(address)
            keys = read_keys(
                ctx, serial, key_stdin=key_stdin, checksum=checksum or facts.checksum, times=times
            )
            rows = write_all(source, save, keys, holds_several=facts.holds_several, source_name=address)
        else:
            rows = _write_plain(source, save, address)
    show_files(ctx, rows)


def _show_link(ctx: Context, address: str) -> None:
    from hpcli.commands.alarms.tables import LINKS

    if address.startswith("https://"):
        link: PictureLink = {"pictureUrl": address, "encrypt": "isEncrypted=0" not in address}
    else:
        link = ctx.client.alarms.picture_url(address)
    ctx.show_one(link, LINKS)


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


def _serial_in(address: str) -> str | None:
    """Return the serial in a picture's address."""
    import re

    found = re.search(r"(?:ISAPI_FILES/|[?&]deviceSerialNo=)([A-Za-z0-9]{1,9})(?![A-Za-z0-9])", address)
    return found[1] if found else None
