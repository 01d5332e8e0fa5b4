"""`hpcli hotspare file`: manage files shared by servers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from hpcli.api.operations.hotspare.files import DELETE, LIST, UPLOAD, URL
from hpcli.client.hotspare.files import check_file
from hpcli.client.paging import count_of
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.repeating import Repeater, parse_interval
from hpcli.commands.framework.verb import calls
from hpcli.errors import LocalError, NotFoundError
from hpcli.output import Column, View, show_time
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context
from hpcli.run.inputs import read_file

KeyArgument = Annotated[str, typer.Argument(help="Key of the file.", metavar="KEY")]


def _time(value: Any, _row: Mapping[str, Any]) -> str:
    return show_time(value, utc=True)


FILES = View(
    noun="file",
    id="key",
    columns=(Column("KEY", "key"), Column("CHANGED", "lastModifiedTime", show=_time, kind="time")),
    fields=lambda: answer_fields(LIST.method, LIST.path),
)


@calls(LIST)
@lists
def list_files(ctx: Context) -> None:
    """List the files.

    $ hpcli hotspare file list
    """
    ctx.show(ctx.client.hotspare.file.list(), FILES)


@calls(UPLOAD)
def upload_file(
    ctx: Context, file: Annotated[Path, typer.Argument(help="File of up to 2 MB.", metavar="FILE")]
) -> None:
    """Upload a file for other servers and print its key.

    $ hpcli hotspare file upload backup.zip
    """
    content = check_file(read_file(file, "file"))
    ctx.change(
        file.name,
        lambda: {"key": ctx.client.hotspare.file.upload(file.name, content)},
        lambda data: f"Uploaded {file.name} as {data['key']}.",
        new_id=lambda data: str(data["key"]),
    )


@calls(URL)
def download_file(
    ctx: Context,
    key: KeyArgument,
    save: Annotated[
        Path | None, typer.Option(help="Write to this file instead of stdout.", metavar="FILE")
    ] = None,
) -> None:
    """Download a file.

    $ hpcli hotspare file download "$FILE_KEY" --save backup.zip
    """
    from hpcli.local.files import check_place, write_whole

    if save is not None:
        check_place(save)
    content = ctx.client.hotspare.file.download(key)
    if save is None:
        ctx.run.printer.body(content)
        return
    write_whole(save, content)
    ctx.info(f"Saved {save}.")


@calls(DELETE)
def delete_file(ctx: Context, key: KeyArgument) -> None:
    """Delete a file.

    $ hpcli hotspare file delete "$FILE_KEY" --yes
    """
    ctx.confirm(f"Delete the file {key}?")
    ctx.change(key, lambda: ctx.client.hotspare.file.delete(key), f"Deleted {key}.")


@calls(LIST, URL)
def sync_file(
    ctx: Context,
    save: Annotated[Path, typer.Option(help="File to keep up to date.", metavar="FILE")],
    every: Annotated[
        str | None,
        typer.Option(help="Repeat at this interval, such as 10m, until stopped.", metavar="DURATION"),
    ] = None,
) -> None:
    """Download the newest file if it is newer than yours.

    Your file is replaced as a whole and gets the modification time of the new one.
    With --every the command repeats until stopped and survives errors.

    $ hpcli hotspare file sync --save backup.zip
    $ hpcli hotspare file sync --save backup.zip --every 10m
    """
    if every is None:
        if not fetch_newer(ctx, save):
            ctx.info(f"{save} is up to date.")
        return
    from hpcli.run.signals import until_stopped

    repeater = Repeater(lambda: fetch_newer(ctx, save), parse_interval(every), "Fetching the file", ctx.warn)
    with until_stopped() as stop:
        for _ in repeater.run(stop):
            pass


def fetch_newer(ctx: Context, target: Path) -> bool:
    """Download the newest file if it is newer than the target; return whether it was.

    Raises:
        NotFoundError: there is no file.
    """
    from hpcli.local.files import write_whole

    newest = ctx.client.hotspare.file.newest()
    if newest is None:
        raise NotFoundError(
            "No file has been uploaded yet.",
            hint="Upload one on the host: `hpcli hotspare file upload FILE`.",
        )
    changed = count_of(newest.get("lastModifiedTime")) / 1000
    path = target.expanduser()
    if path.exists() and path.stat().st_mtime >= changed:
        return False
    write_whole(path, ctx.client.hotspare.file.download(str(newest["key"])))
    try:
        os.utime(path, (changed, changed))
    except OSError as error:
        raise LocalError(f"The time of {target} cannot be set: {error.strerror}.") from error
    ctx.info(f"Saved {target} as of {show_time(newest.get('lastModifiedTime'), utc=True)}.")
    return True
