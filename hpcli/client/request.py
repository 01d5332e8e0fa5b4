"""A call, ready to be sent, and how `--dry-run` shows it: without its secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hpcli.api.operation import Operation

# Fields of the guide (secretKey, X-Password, pinCode, validateCode) and of devices (loginPassword, PIN).
_SECRETS = (
    r"\w*(?:authorization|password|passwd|pwd|secret|pincode|validatecode|verif\w*code|encrypt\w*key)\w*|pin"
)
_SECRET_NAME = re.compile(rf"(?:x-)?(?:{_SECRETS})", re.IGNORECASE)
_PHOTO = "facePicture"
_SECRET_ELEMENT = re.compile(rf"(<((?:\w+:)?(?:{_SECRETS}))\b[^>]*>)[^<]*(?=</\2>)", re.IGNORECASE)


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

    def plan(self, host: str) -> dict[str, Any]:
        """Return what `--dry-run` prints: method, url, headers, body; secrets as `***`."""
        from urllib.parse import urlencode

        url = host + self.path + ("?" + urlencode(self.query) if self.query else "")
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
    """Return a body with the face picture told by its size (§3.43)."""
    photo = body.get(_PHOTO) if isinstance(body, Mapping) else None
    if not isinstance(photo, str):
        return body
    size = len(photo) * 3 // 4 - photo[-2:].count("=")
    return {**body, _PHOTO: f"<JPEG, {size} bytes, base64>"}


def _shown_content(content: bytes) -> Any:
    """Return a body as `--dry-run` shows it: JSON as data, XML as text without its secrets."""
    text = content.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _SECRET_ELEMENT.sub(r"\1***", text)


def mask(value: Any) -> Any:
    """Return `value` with the values of secret keys replaced by `***`."""
    if isinstance(value, Mapping):
        return {key: "***" if _SECRET_NAME.fullmatch(key) else mask(item) for key, item in value.items()}
    if isinstance(value, list):
        return [mask(item) for item in value]
    return value
