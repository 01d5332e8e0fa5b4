"""A call, ready to be sent; how `--dry-run` shows it, without its secrets; who notes it where it changes something."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from hpcli.masking import mask, mask_text, masked_name
from hpcli.parse import parse_json

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from hpcli.api.operation import Operation

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_PHOTO = "facePicture"


class Request(NamedTuple):
    """One call, ready to be sent."""

    operation: Operation
    path: str
    query: Mapping[str, str] = _NOTHING
    headers: Mapping[str, str] = _NOTHING
    json: Any = None
    content: bytes | None = None
    upload: tuple[str, bytes] | None = None

    def __repr__(self) -> str:
        """Return method and path: a traceback shows no secret of headers and content."""
        return f"Request({self.operation.method} {self.path})"

    @property
    def readable_content(self) -> Any:
        """The content as data where it is JSON, else as text; None where there is none."""
        if self.content is None:
            return None
        text = _text_of(self.content) or ""
        try:
            return parse_json(text)
        except ValueError:
            return text

    def masked_secret(self) -> str | None:
        """Return the name of a secret that holds `***`, as hpcli prints it: sent, it would be the new password."""
        return masked_name(self.json if self.content is None else self.readable_content)

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
            "body": _without_photo(_without_secrets_in_texts(mask(body))),
        }


class ChangeRecorder(Protocol):
    """Notes each change before it is sent, and what became of it."""

    def name(self, target: str, name: str) -> None:
        """Note the name by which people know what a call has by its id."""

    def recording(self, request: Request) -> AbstractContextManager[None]:
        """Return the context in which a change is sent; the error that ends it says what became of the change."""


def _without_photo(body: Any) -> Any:
    """Return a body with the face picture shown by its size (§3.43)."""
    photo = body.get(_PHOTO) if isinstance(body, Mapping) else None
    if not isinstance(photo, str):
        return body
    size = len(photo) * 3 // 4 - photo[-2:].count("=")
    return {**body, _PHOTO: f"<JPEG, {size} bytes, base64>"}


def _shown_content(content: bytes) -> Any:
    """Return a body as `--dry-run` shows it: JSON as data, XML as text without its secrets."""
    text = _text_of(content)
    if text is None:
        return f"<{len(content)} bytes>"
    try:
        return parse_json(text)
    except ValueError:
        return mask_text(text)


def _text_of(content: bytes) -> str | None:
    """Return the text of a body, None if it is not UTF-8, or UTF-16 with a byte-order mark."""
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        return None if b"\0" in content else content.decode("utf-8", "replace")
    return None if "\0" in text else text


def _without_secrets_in_texts(value: Any) -> Any:
    """Return data whose texts, which may be XML or JSON themselves, have their secrets masked."""
    if isinstance(value, Mapping):
        return {key: _without_secrets_in_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_secrets_in_texts(item) for item in value]
    if not isinstance(value, str):
        return value
    if value.lstrip()[:1] in ("{", "["):
        try:
            return json.dumps(_without_secrets_in_texts(mask(parse_json(value))), ensure_ascii=False)
        except ValueError:
            return mask_text(value)
    return mask_text(value)
