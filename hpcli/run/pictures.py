"""How a run saves alarm pictures: where, with whose keys, and as the last tail did it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hpcli.parse import epoch_milliseconds

if TYPE_CHECKING:
    from hpcli.alarms.journal.writer import Journal
    from hpcli.alarms.pictures.saver import PictureSaver
    from hpcli.api.rows.alarms import PictureLink
    from hpcli.run.context import Context


@dataclass(frozen=True, slots=True)
class _Links:
    """Exchanges paths for links; only that needs the client, and with it the account's secret."""

    ctx: Context

    def picture_url(self, file_path: str) -> PictureLink:
        """Return the link of a path."""
        return self.ctx.client.alarms.picture_url(file_path)


def own_pictures(ctx: Context) -> Path:
    """Return the folder of the pictures that belong to the account's journal."""
    from hpcli.alarms.journal.picture_paths import PICTURES

    return ctx.run.session.alarms_folder / PICTURES


def picture_saver(
    ctx: Context, folder: Path, *, decrypts: bool, keeps_originals: bool = False
) -> PictureSaver:
    """Return a saver that fetches the account's pictures into a folder, decrypted or as received."""
    from hpcli.alarms.pictures.saver import PictureSaver
    from hpcli.client.connections import is_local_host

    session = ctx.run.session
    return PictureSaver(
        folder,
        _Links(ctx),
        session.device_key if decrypts else None,
        allow_local=is_local_host(session.account.login_host),
        address_now=session.picture_address,
        keeps_originals=keeps_originals,
        is_own_folder=folder.resolve().is_relative_to(own_pictures(ctx).resolve()),
    )


def kept_savers(
    ctx: Context, journal: Journal, wanted: Path | None = None
) -> tuple[PictureSaver, PictureSaver]:
    """Return a saver for pictures to be fetched, as the last tail did it, and one for those that wait for a key.

    Args:
        ctx: the run.
        journal: knows how the last tail saved pictures.
        wanted: another folder.
    """
    from hpcli.alarms.journal.picture_settings import read_settings

    known = journal.read(read_settings)
    folder = wanted.expanduser().absolute() if wanted else known.folder or own_pictures(ctx)
    saver = picture_saver(ctx, folder, decrypts=known.decrypts, keeps_originals=known.keeps_originals)
    return saver, replace(saver, key_of=ctx.run.session.device_key)


def open_waiting_pictures(ctx: Context, device: str) -> tuple[int, int]:
    """Open the pictures of a device that wait for its key; return how many opened, and how many did not.

    Raises:
        HpcliError: the journal, a file or the key cannot be used.
    """
    from hpcli.alarms.journal.pictures import locked_pictures
    from hpcli.alarms.journal.schema import open_for_reading
    from hpcli.alarms.journal.writer import Journal
    from hpcli.alarms.pictures.locked import open_locked
    from hpcli.alarms.tail.reader_lock import bring_up_to_date

    path = ctx.run.session.alarms_folder / "journal.db"
    if not path.exists():
        return 0, 0
    with closing(open_for_reading(path)) as db:
        pictures = locked_pictures(db, device)
    if not pictures:
        return 0, 0
    bring_up_to_date(ctx.run.session.alarms_folder, path)
    with Journal(path) as journal:
        _, opener = kept_savers(ctx, journal)
        opened = open_locked(journal, opener, pictures, epoch_milliseconds(ctx.run.now()))
    return opened, len(pictures) - opened
