"""`hpcli alarms decrypt`: decrypt pictures on this computer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.commands.alarms.picture_files import (
    AlarmTime,
    Checksum,
    DeviceOption,
    KeyStdin,
    read_keys,
    show_files,
    write_all,
)
from hpcli.errors import HpcliError, LocalError, PictureError
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.pictures.decrypt import Keys


def decrypt_files(
    ctx: Context,
    files: Annotated[list[Path], typer.Argument(help="Downloaded pictures.", metavar="FILE...")],
    save_dir: Annotated[
        Path | None, typer.Option(help="Output folder; by default the folder of each file.", metavar="DIR")
    ] = None,
    device: DeviceOption = None,
    key_stdin: KeyStdin = False,
    checksum: Checksum = None,
    time: AlarmTime = None,
) -> None:
    """Decrypt pictures on this computer.

    A result has the name of its file and the extension of its format. A file that
    holds several pictures gives several results. The original is not changed.

    $ hpcli alarms decrypt picture.enc --device Q10254783
    $ hpcli alarms decrypt *.enc --key-stdin --save-dir out < key.txt
    $ hpcli alarms decrypt picture.enc --checksum fd9b7f16393203046d40be71da380128 --time 2021-08-09T12:54:25
    """
    keys = read_keys(
        ctx, device, key_stdin=key_stdin, checksum=checksum, times=(time,) if time is not None else ()
    )
    rows: list[dict[str, Any]] = []
    errors: list[HpcliError | None] = []
    for file in files:
        try:
            rows += _decrypt_file(file, save_dir, keys)
        except (PictureError, LocalError) as error:
            if len(files) > 1:
                ctx.warn(f"{file}: {error}")
            errors.append(error)
        else:
            errors.append(None)
    show_files(ctx, rows)
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
            raise PictureError(f"{file} is not a picture.")
        has_several = len(spans) > 1
        target = (save_dir.expanduser() if save_dir else path.parent) / path.name
        return write_all(source, target, keys, holds_several=has_several, source_name=str(file))
