"""The alarm queue and the pictures of alarms (Guide §3.33–3.36)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from hpcli.api.operations.alarms import MESSAGES, OFFSET, PICTURE_URL, SUBSCRIBE, UNSUBSCRIBE
from hpcli.client.calls import Calls, unpack_text
from hpcli.client.coercion import read_answer
from hpcli.client.queue_answer import Batch, QueueReader
from hpcli.errors import UsageError

if TYPE_CHECKING:
    from hpcli.api.rows.alarms import PictureLink

_DEEPEST_LINK: Final = 4


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

        The same batch comes again until `confirm` is called with its id. Of an answer that was cut off the
        messages that came whole are returned; `Batch.is_whole` is False then.

        Raises:
            ConflictError: someone else reads with this key, or nothing is subscribed (LAP068001).
            HpcliError: as every call; nothing is repeated here.
        """
        reader = QueueReader()
        return reader.batch(self._transport.poll(MESSAGES, reader.refusal))

    def end_poll(self) -> None:
        """Close the connection of a poll in flight, from another thread; `poll` raises then."""
        self._transport.end_poll()

    def confirm(self, batch_id: str) -> None:
        """Tell the platform that a batch is safe here. Guide §3.35."""
        self._change(OFFSET, {"batchId": batch_id})

    def picture_url(self, file_path: str) -> PictureLink:
        """Return {pictureUrl, encrypt} of an `ISAPI_FILES…` path; the link lives two hours. Guide §3.36.

        An answer that is a text is the link, and so is an address under another name.

        Raises:
            UsageError: the path has another form.
        """
        if not file_path.startswith("ISAPI_FILES"):
            raise UsageError(f"'{file_path[:60]}' is not a picture path.", hint="It begins with ISAPI_FILES.")
        data = self._transport.call(PICTURE_URL, {"filePath": file_path})
        return read_answer(PICTURE_URL, _with_link(unpack_text(data)))


def _with_link(data: Any) -> Any:
    """Return the data of §3.36 with the link under its name, wherever it stands in the answer."""
    if isinstance(data, str):
        return {"pictureUrl": data.strip(' "\r\n\t').replace("&amp;", "&")}
    if isinstance(data, dict):
        named = next((key for key in data if key.lower() == "pictureurl"), None)
        if named is not None and isinstance(data[named], str):
            return {**data, named: data[named].replace("&amp;", "&")}
    found = next(_addresses_in(data, 0), None)
    return data if found is None else {"pictureUrl": found.replace("&amp;", "&")}


def _addresses_in(data: Any, depth: int) -> Iterator[str]:
    if isinstance(data, str) and data.strip().lower().startswith(("https://", "http://")):
        yield data.strip()
    elif isinstance(data, dict | list) and depth < _DEEPEST_LINK:
        for item in data.values() if isinstance(data, dict) else data:
            yield from _addresses_in(item, depth + 1)


def _subscription(sub_type: int, serials: Sequence[str] | None) -> dict[str, Any]:
    if serials is None:
        return {"subType": sub_type, "subMode": "all"}
    return {"subType": sub_type, "subMode": "list", "deviceSerialList": list(serials)}
