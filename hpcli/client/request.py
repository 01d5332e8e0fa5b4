"""A call, ready to be sent, and how `--dry-run` shows it: without its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hpcli.masking import mask, mask_text, masked_name
from hpcli.parse import parse_json

if TYPE_CHECKING:
    from hpcli.api.operation import Operation

_PHOTO = "facePicture"


@dataclass(frozen=True, slots=True)
class Request:
    """One call, ready to be sent."""

    operation: Operation
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)
    upload: tuple[str, bytes] | None = field(default=None, repr=False)

    def masked_secret(self) -> str | None:
        """Return the name of a secret that holds `***`, as hpcli prints it: sent, it would be the new password."""
        if self.content is None:
            return masked_name(self.json)
        text = self.content.decode("utf-8", "replace")
        try:
            return masked_name(parse_json(text))
        except ValueError:
            return masked_name(text)

    def plan(self, host: str) -> dict[str, Any]:
        """Return what `--dry-run` prints: method, url, headers, body; secrets as `***`."""
        from urllib.parse import urlencode

        url = host + self.path + ("?" + urlencode(mask(self.query), safe="*") if self.query else "")
        body: Any = self.json
        if self.content is not None:
            body = _shown_content(self.content)
        if self.upload is not None:
            body = {"file": f"{self.upload[0]} ({len(self.upload[1])} bytes)"}
        headers = {"Authorization": "***", **self.headers}
        return {
            "method": self.operation.method,
            "url": url,
            "headers": mask(headers),
            "body": _without_photo(mask(body)),
        }


def _without_photo(body: Any) -> Any:
    """Return a body with the face picture shown by its size (§3.43)."""
    photo = body.get(_PHOTO) if isinstance(body, Mapping) else None
    if not isinstance(photo, str):
        return body
    size = len(photo) * 3 // 4 - photo[-2:].count("=")
    return {**body, _PHOTO: f"<JPEG, {size} bytes, base64>"}


def _shown_content(content: bytes) -> Any:
    """Return a body as `--dry-run` shows it: JSON as data, XML as text without its secrets."""
    text = content.decode("utf-8", "replace")
    try:
        return parse_json(text)
    except ValueError:
        return mask_text(text)
