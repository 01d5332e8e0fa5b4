"""Files that servers leave for each other (Guide §3.57–3.60)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpcli.api.operations.hotspare.files import DELETE, LIST, UPLOAD, URL
from hpcli.client.calls import Calls, made_id
from hpcli.client.checks import check_length
from hpcli.client.paging import count_of
from hpcli.errors import NetworkError, PlatformError, UsageError

if TYPE_CHECKING:
    from hpcli.api.rows.hotspare.files import FileRow

LARGEST_FILE = 2 << 20
_MOST_BYTES = 64 << 20  # files of more than 2 MB are there by arrangement only (§3.57)


class HotspareFileCalls(Calls):
    """Calls about files."""

    def upload(self, name: str, content: bytes) -> str:
        """Upload a file of at most 2 MB as a form and return its key. Guide §3.57, errata 51.

        Raises:
            UsageError: it is empty or larger than 2 MB (LAP026341); nothing is sent.
        """
        check_file(content)
        data = self._change(UPLOAD, upload=(name, content))
        return made_id(data, "key", "key of the file")

    def list(self) -> Sequence[FileRow]:
        """Return the files: [{key, lastModifiedTime: epoch milliseconds}]. Guide §3.59."""
        return self._read(LIST)

    def newest(self) -> FileRow | None:
        """Return the row of the file that changed last, None where there is no file."""
        return max(self.list(), key=lambda row: count_of(row.get("lastModifiedTime")), default=None)

    def url(self, key: str) -> str:
        """Return the address of a file; it needs no token. Guide §3.58."""
        url = self._read(URL, {"key": check_length("key", key, 1)}).get("url")
        if not url:
            raise PlatformError("The platform did not return the address of the file.")
        return str(url)

    def download(self, key: str) -> bytes:
        """Return the content of a file; its address gets no token of ours. Guide §3.58.

        Raises:
            NetworkError: it cannot be fetched now.
            PlatformError: its address is refused.
        """
        from hpcli.client.connections import is_local_host
        from hpcli.client.fetch import PictureRefusedError, fetch

        url = self.url(key)
        is_local = is_local_host(self._transport.account.login_host)
        content = io.BytesIO()
        try:
            fetch(url, content, allow_local=is_local, limit=_MOST_BYTES, may_be_text=True)
        except PictureRefusedError as error:
            raise PlatformError(
                f"The file {key} cannot be fetched from its address.", http_status=error.http_status
            ) from error
        except NetworkError as error:
            raise NetworkError(
                f"The file {key} could not be fetched.",
                http_status=error.http_status,
                hint="Try again in a minute.",
            ) from error
        return content.getvalue()

    def delete(self, key: str) -> None:
        """Delete a file. Guide §3.60."""
        self._change(DELETE, {"key": check_length("key", key, 1)})


def check_file(content: bytes) -> bytes:
    """Return the content of a file to be uploaded.

    Raises:
        UsageError: it is empty, or larger than 2 MB.
    """
    if not content:
        raise UsageError("The file is empty.")
    if len(content) > LARGEST_FILE:
        raise UsageError(
            f"The file has {len(content) / (1 << 20):.1f} MB; at most 2 MB are allowed.",
            code="LAP026341",
            hint="Compress it; larger files only by arrangement with the platform.",
        )
    return content
