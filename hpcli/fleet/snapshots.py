"""Snapshots: documents of an account that the state folder keeps for a time."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hpcli.errors import NotFoundError
from hpcli.fleet.document import Document
from hpcli.fleet.files import JSON, decode, json_bytes
from hpcli.local.own_folder import OwnFolder, unusable

_ENDING: Final = ".json.gz"
_FORM: Final = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The snapshots of an account.

    Args:
        folder: where they are.
    """

    folder: OwnFolder

    def write(self, document: Document, made: datetime) -> Path:
        """Keep a document; return its file.

        Raises:
            LocalError: it cannot be written.
        """
        name = made.astimezone(UTC).strftime(_FORM) + _ENDING
        path = self.folder.path / name
        try:
            self.folder.replace(name, gzip.compress(json_bytes(document), mtime=0))
        except OSError as error:
            raise unusable(path, error, "written") from error
        return path

    def times(self) -> list[datetime]:
        """Return when snapshots were made, the oldest first."""
        found = []
        with contextlib.suppress(OSError):
            for file in self.folder.path.iterdir():
                with contextlib.suppress(ValueError):
                    found.append(
                        datetime.strptime(file.name.removesuffix(_ENDING), _FORM).replace(tzinfo=UTC)
                    )
        return sorted(found)

    def remove_before(self, end: datetime) -> int:
        """Remove those made before a time; return how many."""
        old = [made for made in self.times() if made < end]
        for made in old:
            with contextlib.suppress(OSError):
                self.folder.remove(made.strftime(_FORM) + _ENDING)
        return len(old)

    def read_at(self, moment: datetime) -> Document:
        """Return the newest snapshot made at that time or before.

        Raises:
            NotFoundError: there is none.
            LocalError: it cannot be read.
        """
        times = self.times()
        before = [made for made in times if made <= moment]
        if not before:
            raise _no_snapshot(moment, times)
        path = self.folder.path / (before[-1].strftime(_FORM) + _ENDING)
        try:
            content = gzip.decompress(self.folder.read(path.name))
        except (OSError, EOFError, zlib.error) as error:
            shown = error if isinstance(error, OSError) and error.strerror else OSError(0, "it is damaged")
            raise unusable(path, shown, "read") from error
        return decode(content, JSON, f"The snapshot {path}")


def _no_snapshot(moment: datetime, times: Sequence[datetime]) -> NotFoundError:
    here = moment.astimezone().isoformat(timespec="seconds")
    if not times:
        return NotFoundError(
            "There is no snapshot of this account.", hint="`hpcli fleet snapshot` makes one."
        )
    oldest = times[0].astimezone().isoformat(timespec="seconds")
    return NotFoundError(
        f"There is no snapshot from {here} or before.",
        hint=f"The oldest is of {oldest}; @last is the newest.",
    )
