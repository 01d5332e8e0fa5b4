"""Recordings (Guide §3.52)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hpcli.api.operations.video import SEARCH
from hpcli.client.calls import Calls
from hpcli.client.checks import check_range
from hpcli.errors import UsageError
from hpcli.parse import epoch_milliseconds, parse_serial

if TYPE_CHECKING:
    from hpcli.api.rows.video import RecordingRow


class VideoCalls(Calls):
    """Calls about recordings."""

    def list(
        self,
        serial: str,
        start: datetime,
        end: datetime,
        *,
        channel: int = 1,
        source: int | str = 0,
    ) -> Sequence[RecordingRow]:
        """Return the recordings of a channel between two moments. Guide §3.52.

        Args:
            serial: the device.
            start: a moment with a zone.
            end: a later moment; both are always sent, the platform's day has no zone (errata 149).
            channel: from 1.
            source: auto, cloud or local; or its code.

        Returns:
            [{recType, startTime, endTime, localType, crypt}], times in epoch milliseconds.

        Raises:
            DeviceOfflineError: the device is not connected (EVZ20007).
            NotFoundError: there is no such channel (EVZ20001).
            UsageError: the end is not after the start.
        """
        return self._read(SEARCH, search_body(serial, start, end, channel, source))


def search_body(
    serial: str, start: datetime, end: datetime, channel: int, source: int | str
) -> dict[str, Any]:
    """Return the body of a search for recordings.

    Raises:
        UsageError: the end is not after the start, or another argument is wrong.
    """
    from hpcli.reference.codes import code_list

    if end <= start:
        raise UsageError("The end is not after the start.", hint="--since is a time before --until.")
    return {
        "deviceSerial": parse_serial(serial),
        "channelNo": check_range("channel", channel, 1),
        "startTime": epoch_milliseconds(start),
        "endTime": epoch_milliseconds(end),
        "recType": code_list("recType").value_of(str(source)),
    }
