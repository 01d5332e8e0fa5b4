"""The alarm queue and the pictures of alarms (Guide §3.33–3.36)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpcli.api.operations.alarms import MESSAGES, OFFSET, PICTURE_URL, SUBSCRIBE, UNSUBSCRIBE
from hpcli.client.calls import Calls
from hpcli.errors import UsageError

if TYPE_CHECKING:
    from hpcli.api.rows.alarms import PictureLink


@dataclass(frozen=True, slots=True)
class Batch:
    """What one poll brought: `id` is None for a heartbeat; messages are as the platform sent them."""

    id: str | None
    messages: list[dict[str, Any]]


class AlarmCalls(Calls):
    """Calls about alarms."""

    def subscribe(self, serials: Sequence[str] | None) -> None:
        """Subscribe the account to the alarms of devices, or of all (None), also later ones. Guide §3.33."""
        self._change(SUBSCRIBE, _subscription(1, serials))

    def unsubscribe(self, serials: Sequence[str] | None) -> None:
        """End the subscription to these devices, or to all (None). Guide §3.33."""
        self._change(UNSUBSCRIBE, _subscription(0, serials))

    def poll(self) -> Batch:
        """Wait up to some 20 s for alarms and return them. Guide §3.34.

        The same batch comes again until `confirm` is called with its id.

        Raises:
            ConflictError: someone else reads with this key, or nothing is subscribed (LAP068001).
            HpcliError: as every call; nothing is repeated here.
        """
        data = self._transport.poll(MESSAGES).get("data")
        # An idle poll may bring null, no list, or an empty one with an empty id (errata 134).
        batch = data if isinstance(data, dict) else {}
        rows = batch.get("list")
        messages = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        return Batch(str(batch.get("batchId") or "").strip() or None, messages)

    def confirm(self, batch_id: str) -> None:
        """Tell the platform that a batch is safe here. Guide §3.35."""
        self._change(OFFSET, {"batchId": batch_id})

    def picture_url(self, file_path: str) -> PictureLink:
        """Return {pictureUrl, encrypt} of an `ISAPI_FILES…` path; the link lives two hours. Guide §3.36.

        Raises:
            UsageError: the path has another form.
        """
        if not file_path.startswith("ISAPI_FILES"):
            raise UsageError(f"'{file_path[:60]}' is not a picture path.", hint="It begins with ISAPI_FILES.")
        return self._read(PICTURE_URL, {"filePath": file_path})


def _subscription(sub_type: int, serials: Sequence[str] | None) -> dict[str, Any]:
    if serials is None:
        return {"subType": sub_type, "subMode": "all"}
    return {"subType": sub_type, "subMode": "list", "deviceSerialList": list(serials)}
