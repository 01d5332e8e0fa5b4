"""Decrypt alarm pictures (guide §2.5) in constant memory, however large the file is.

An encrypted picture is 48 bytes of header and AES-128-CBC from byte 48 on. Two parties encrypt. The device
uses the stream key that its user set; a digest in the header reveals a wrong key before decryption. The
platform's key comes from a checksum and a time; the guide does not say how, so each possible form is tried.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Protocol

from hpcli.alarms.pictures.container import (
    CHUNK,
    Layout,
    Source,
    Span,
    find_pictures,
    media_extension,
    read_at,
)
from hpcli.errors import PictureError

if TYPE_CHECKING:
    from hpcli.alarms.event.event import Encryption

_BLOCK = 16
_DIGEST_AT = 16
_BODY_AT = 48
# The guide prints 15 values in one place and 18 in another; AES takes 16.
_FIRST_VECTOR = b"01234567" + bytes(8)
# A message with thousands of times must not take seconds for each picture.
_MOST_TIMES = 32


class LockedError(PictureError):
    """The picture is whole, but a key is missing or wrong: another key opens it."""


class WrongKeyError(LockedError):
    """The digest in the picture's header belongs to another device key."""


class SomePicturesError(PictureError):
    """Some pictures of a file were written, others could not be.

    Attributes:
        pictures: those that were written.
        is_locked: another key opens the others.
    """

    def __init__(self, pictures: list[Picture], errors: list[PictureError]) -> None:
        first = next((error for error in errors if isinstance(error, LockedError)), errors[0])
        super().__init__(
            f"Only {len(pictures)} of the file's pictures could be read. {first.message}", hint=first.hint
        )
        self.pictures = pictures
        self.is_locked = isinstance(first, LockedError)


@dataclass(frozen=True, slots=True)
class Keys:
    """All that is known for opening a picture; its repr shows nothing of it.

    Args:
        device: the device's stream (verification) key as its user typed it, UTF-8.
        checksum: the checksum of the picture's address or event.
        times: the texts that may have been joined to the checksum, likeliest first: the one in the address,
            then the event's `alarmTime`, `triggerTime`, `dateTime`.
        serial: the device's serial, for error texts only.
    """

    device: bytes | None = field(default=None, repr=False)
    checksum: str | None = field(default=None, repr=False)
    times: tuple[str, ...] = field(default=(), repr=False)
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture that was written.

    Attributes:
        number: its place in the file, from 1.
        extension: `jpg`, `png`, `gif`, `webp`, `mp4`, `avi`, or `bin` for anything else.
        size: bytes written.
        encryption: what the file itself shows, whatever its address says.
        form: the interpretation of the guide that opened it, such as `hex of checksum+2021-08-09T12:54:25`, or "".
        is_whole: False if the end is missing (no padding where it has to be).
    """

    number: int
    extension: str
    size: int
    encryption: Encryption
    form: str
    is_whole: bool


class Sink(Protocol):
    """The destination of the bytes of one picture."""

    def write(self, data: memoryview, /) -> object:
        """Write all of the data."""


OpenSink = Callable[[int, str], AbstractContextManager[Sink]]
"""Called with number and extension of a picture; the context ends well when the picture is complete."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch with all that is needed to write it: `size` plain bytes out of `start` to `end`."""

    start: int
    end: int
    size: int
    extension: str | None
    encryption: Encryption = "none"
    form: str = ""
    is_whole: bool = True
    key: bytes | None = field(default=None, repr=False)


def decrypt_file(
    source: Source,
    open_sink: OpenSink,
    *,
    keys: Keys | None = None,
    holds_several: bool = False,
    announced: Encryption | None = None,
) -> list[Picture]:
    """Write every picture of a file to its own sink and describe them.

    A file that is not encrypted is passed on unchanged. Errors of source and sink (`OSError`) pass through.

    Args:
        source: the seekable file as it was downloaded.
        open_sink: gives the sink of one picture, see `OpenSink`.
        keys: what is known to open it.
        holds_several: the address says `isDevVideo=1`.
        announced: the encryption according to the address; it affects only the wording of errors.

    Raises:
        LockedError: the device key is missing, or does not fit (WrongKeyError).
        SomePicturesError: some pictures were written, at least one was not.
        PictureError: no form of the platform's key fits, or the file is damaged.
    """
    layout = find_pictures(source, holds_several=holds_several)
    groups, errors = _open_spans(layout, _Opener(source, keys or Keys(), announced))
    if not groups:
        raise next((error for error in errors if isinstance(error, LockedError)), errors[0])
    copier = _Copier(source)
    pictures = [copier.write(group, number, open_sink) for number, group in enumerate(groups, 1)]
    if errors:
        raise SomePicturesError(pictures, errors)
    return pictures


def _open_spans(layout: Layout, opener: _Opener) -> tuple[list[list[_Part]], list[PictureError]]:
    """Return the parts of each picture that opens, and why others do not."""
    groups: list[list[_Part]] = []
    errors: list[PictureError] = []
    for span in layout.spans:
        try:
            part = opener.open(span)
        except PictureError as error:
            errors.append(error)
            continue
        if groups and not layout.is_framed and _continues(groups[-1][-1], part):
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups, errors


def decrypt_bytes(
    data: bytes, *, keys: Keys | None = None, holds_several: bool = False, announced: Encryption | None = None
) -> list[tuple[Picture, bytes]]:
    """Return every picture of a small file that is in memory; arguments and errors as for `decrypt_file`."""
    contents: list[io.BytesIO] = []

    @contextmanager
    def open_buffer(_number: int, _extension: str) -> Iterator[Sink]:
        contents.append(io.BytesIO())
        yield contents[-1]

    source = io.BytesIO(data)
    pictures = decrypt_file(source, open_buffer, keys=keys, holds_several=holds_several, announced=announced)
    return [(picture, content.getvalue()) for picture, content in zip(pictures, contents, strict=True)]


def _continues(previous: _Part, part: _Part) -> bool:
    """Return whether a block continues the picture before it: it lacks a medium's first bytes."""
    return part.extension is None and part.encryption == "device" == previous.encryption


@dataclass(frozen=True, slots=True)
class _Opener:
    """Finds the key of a stretch from its first and last bytes alone."""

    source: Source
    keys: Keys
    announced: Encryption | None

    def open(self, span: Span) -> _Part:
        """Return the stretch with its key. Raises WrongKeyError, PictureError."""
        start, end = span.start, span.end
        if not span.is_encrypted:
            head = read_at(self.source, start, min(_BLOCK, end - start))
            return _Part(start, end, end - start, media_extension(head))
        header = read_at(self.source, start, min(_BODY_AT, end - start))
        # The size of some bodies is not a multiple of the block; the rest cannot be decrypted (field notes).
        body = Span(start + _BODY_AT, end - (end - start) % _BLOCK, is_encrypted=True)
        if body.end <= body.start:
            raise PictureError("The encrypted picture holds no data.", hint="Fetch it again.")
        if digest_form := self._match_digest(header):
            return self._probe(body, device_key(self.keys.device or b""), "device", digest_form)
        return self._open_by_platform_key(body, header)

    def _match_digest(self, header: bytes) -> str | None:
        """Return the form of the device key's digest in the header, None if the header does not have it."""
        if self.keys.device is None:
            return None
        text, raw = header[_DIGEST_AT:_BODY_AT].lower(), header[_DIGEST_AT : _DIGEST_AT + 16]
        forms = _device_digests(self.keys.device)
        return next((form for form, digest in forms if digest in (text, raw)), None)

    def _open_by_platform_key(self, body: Span, header: bytes) -> _Part:
        likely: _Part | None = None
        for form, key in _platform_keys(self.keys):
            part = self._probe(body, key, "platform", form)
            if part.extension and part.is_whole:
                return part
            if part.extension:
                likely = likely or part
        if likely is None:
            raise self._refusal(header)
        return likely

    def _probe(self, body: Span, key: bytes, encryption: Encryption, form: str) -> _Part:
        """Decrypt the first and the last block: the one tells the medium, the other the padding."""
        first = _decrypt_block(key, _FIRST_VECTOR, read_at(self.source, body.start, _BLOCK))
        last = first
        if body.end - body.start > _BLOCK:
            tail = read_at(self.source, body.end - 2 * _BLOCK, 2 * _BLOCK)
            last = _decrypt_block(key, tail[:_BLOCK], tail[_BLOCK:])
        padding = _count_padding(last)
        size = body.end - body.start - padding
        return _Part(
            body.start,
            body.end,
            size,
            media_extension(first[:size]),
            encryption,
            form,
            is_whole=padding > 0,
            key=key,
        )

    def _refusal(self, header: bytes) -> PictureError:
        """Return why an encrypted picture stays closed."""
        keys, serial = self.keys, self.keys.serial
        hint = f"Store the device's stream key: `hpcli auth device-key set {serial or 'SERIAL'}`."
        # Only devices are known to write a digest as text here.
        has_digest = all(byte in b"0123456789abcdefABCDEF" for byte in header[_DIGEST_AT:_BODY_AT])
        is_by_device = self.announced == "device" or has_digest
        if keys.device is not None and (is_by_device or (keys.checksum is None and self.announced is None)):
            other = (
                "" if is_by_device else " If the platform encrypted it, give --checksum and --time instead."
            )
            return WrongKeyError(f"Wrong key for {serial or 'this picture'}.", hint=hint + other)
        if is_by_device:
            return LockedError("The device encrypted this picture, and its key is not known.", hint=hint)
        if keys.checksum is None:
            return LockedError(
                "The picture is encrypted, and neither a device key nor a checksum and time are known.",
                hint="Give --checksum and --time if the platform encrypted it, else the device's key.",
            )
        return PictureError(
            "No known form of the platform's key opens this picture.",
            hint="Check that checksum and time belong to this picture.",
        )


class _Copier:
    """Writes pictures through one pair of buffers that lasts for the whole file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._cipher = memoryview(bytearray(CHUNK))
        self._plain = memoryview(bytearray(CHUNK + _BLOCK))

    def write(self, parts: list[_Part], number: int, open_sink: OpenSink) -> Picture:
        """Write the parts of one picture. Raises PictureError if the file shrinks meanwhile."""
        first = parts[0]
        extension = first.extension or "bin"
        with open_sink(number, extension) as sink:
            for part in parts:
                self._copy(part, sink)
        size = sum(part.size for part in parts)
        is_whole = all(part.is_whole for part in parts)
        return Picture(number, extension, size, first.encryption, first.form, is_whole)

    def _copy(self, part: _Part, sink: Sink) -> None:
        decrypt_into = _stream_decryptor(part.key) if part.key else None
        self._source.seek(part.start)
        at, left = part.start, part.size
        while at < part.end:
            count = self._source.readinto(self._cipher[: min(CHUNK, part.end - at)]) or 0
            if not count:
                raise _ended_early()
            at += count
            plain = self._cipher[:count]
            if decrypt_into:
                plain = self._plain[: decrypt_into(plain, self._plain)]
            sink.write(plain[:left])
            left -= min(left, len(plain))


def device_key(text: bytes) -> bytes:
    """Return the AES key of a device key: cut or filled with zero bytes to 16 (field notes)."""
    return text[:_BLOCK].ljust(_BLOCK, b"\0")


def _device_digests(text: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each form that "two MD5 operations" may mean; the first is the one met."""
    inner = hashlib.md5(text, usedforsecurity=False)
    by_text = hashlib.md5(inner.hexdigest().encode(), usedforsecurity=False)
    by_bytes = hashlib.md5(inner.digest(), usedforsecurity=False)
    for name, outer in (("text", by_text), ("bytes", by_bytes)):
        yield f"hex digest over {name}", outer.hexdigest().encode()
        yield f"raw digest over {name}", outer.digest()


def _platform_keys(keys: Keys) -> Iterator[tuple[str, bytes]]:
    """Yield name and key of each reading of "SHA-256, first 16 characters" (guide §2.5), likeliest first.

    The last one is the checksum itself, whose 32 hexadecimal digits are the 16 bytes of a key.
    """
    if keys.checksum is None:
        return
    times = dict.fromkeys(
        form for time in keys.times[:_MOST_TIMES] for form in (time, time.replace("T", " "))
    )
    forms = ("hex", "raw", "upper-case hex")
    for time, form in product(times, forms):
        digest = hashlib.sha256((keys.checksum + time).encode("utf-8", "replace"))
        text = digest.hexdigest()[:_BLOCK]
        key = {
            "hex": text.encode(),
            "raw": digest.digest()[:_BLOCK],
            "upper-case hex": text.upper().encode(),
        }[form]
        yield f"{form} of checksum+{time}", key
    with suppress(ValueError):
        key = bytes.fromhex(keys.checksum)
        if len(key) == _BLOCK:
            yield "checksum as the key", key


def _count_padding(last: bytes) -> int:
    """Return how many bytes of PKCS#7 padding a last block ends with, 0 if it has none."""
    count = last[-1]
    return count if 1 <= count <= _BLOCK and last.endswith(bytes([count]) * count) else 0


def _decrypt_block(key: bytes, vector: bytes, block: bytes) -> bytes:
    if len(block) < _BLOCK:
        raise _ended_early()
    plain = bytearray(2 * _BLOCK)
    return bytes(plain[: _stream_decryptor(key, vector)(block, plain)])


def _ended_early() -> PictureError:
    return PictureError("The picture file ended while it was read.", hint="Fetch it again.")


def _stream_decryptor(
    key: bytes, vector: bytes = _FIRST_VECTOR
) -> Callable[[bytes | memoryview, bytearray | memoryview], int]:
    """Return a function that decrypts the next bytes into a buffer and tells how many came out."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    return Cipher(AES(key), CBC(vector)).decryptor().update_into
