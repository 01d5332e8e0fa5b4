"""Where the pictures of a downloaded file begin and end, and what they are.

A file holds one picture or several (`isDevVideo=1`). The guide (§2.5) puts a four-byte length before each of
several but states neither its byte order nor whether it counts itself, and the flags in the address may be
wrong in both directions. So the bytes decide: the fixed text `hikencodepicture` and the first bytes of the
media formats.
"""

from collections.abc import Iterable, Iterator
from itertools import islice, pairwise, product
from typing import Literal, NamedTuple, Protocol

from hpcli.errors import PictureError

HEADER = b"hikencodepicture"
CHUNK = 1 << 20
"""Bytes read at a time; a file of any size needs a small multiple of it as memory."""
MAX_PICTURES = 1000
"""More pictures than this in one file are an attack, not an alarm."""

# Field notes: bytes may precede the magic. This many are tolerated in a frame and before a plain picture.
_HEAD = 64
_LENGTH = 4
_JPEG = b"\xff\xd8\xff"


class Source(Protocol):
    """A seekable binary file: what `open(path, "rb")`, `BytesIO` and temporary files are."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to an offset and return it."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill the buffer and return how many bytes came."""


class Span(NamedTuple):
    """One stretch of a file, from `start` up to `end`; an encrypted one starts with its header."""

    start: int
    end: int
    is_encrypted: bool


class Layout(NamedTuple):
    """The stretches of a file; unless lengths frame them, one picture may be spread over several."""

    spans: tuple[Span, ...]
    is_framed: bool


def media_extension(head: bytes) -> str | None:
    """Return the file extension that the first 16 bytes call for, None if the medium is unknown."""
    if head.startswith(_JPEG):
        return "jpg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head[4:8] == b"ftyp":
        return "mp4"
    if head.startswith(b"RIFF"):
        return {b"AVI ": "avi", b"WEBP": "webp"}.get(head[8:12])
    return None


def read_at(source: Source, start: int, size: int) -> bytes:
    """Return up to `size` bytes from offset `start`."""
    source.seek(start)
    return source.read(size)


def holds_pictures(source: Source, spans: Iterable[Span]) -> bool:
    """Return whether any stretch of a file is encrypted or begins like a known medium."""
    return any(span.is_encrypted or media_extension(read_at(source, span.start, 16)) for span in spans)


def find_pictures(source: Source, *, holds_several: bool = False) -> Layout:
    """Return the stretches of a file in their order; the last one ends where the file ends.

    Args:
        source: the file, read twice at most and never kept.
        holds_several: the address says `isDevVideo=1`. Needed only for plain JPEGs without usable lengths.

    Raises:
        PictureError: the file is empty or holds more than `MAX_PICTURES`.
    """
    size = source.seek(0, 2)
    if not size:
        raise PictureError("The picture file is empty.", hint="Fetch it again.")
    head = read_at(source, 0, _HEAD)
    is_bare = head.startswith(HEADER) or media_extension(head) is not None
    frames = [] if is_bare else _frames_by_length(source, size)
    spans = [_span_of_frame(source, start, end) for start, end in frames]
    spans = spans or _split_at_marks(source, size, holds_several=holds_several)
    if len(spans) > MAX_PICTURES:
        raise PictureError(f"The file claims to hold more than {MAX_PICTURES} pictures.")
    return Layout(tuple(spans), bool(frames))


def _span_of_frame(source: Source, start: int, end: int) -> Span:
    head = read_at(source, start, min(_HEAD, end - start))
    if media_extension(head):
        return Span(start, end, is_encrypted=False)
    return Span(start + head.index(HEADER), end, is_encrypted=True)


def _frames_by_length(source: Source, size: int) -> list[tuple[int, int]]:
    """Return the frames according to the interpretation of the length fields that fits the file, or none."""
    orders: tuple[Literal["big", "little"], ...] = ("big", "little")
    readings = [_walk_lengths(source, size, order, own) for order, own in product(orders, (0, _LENGTH))]
    for frames in readings:
        if frames and frames[-1][1] == size:
            return frames
    for frames in readings:
        if frames and _ends_nearly(source, size, frames):
            return [(start, min(end, size)) for start, end in frames]
    return []


def _walk_lengths(
    source: Source, size: int, order: Literal["big", "little"], own: int
) -> list[tuple[int, int]]:
    """Follow the lengths while each leads to a picture; each length includes `own` bytes for itself."""
    frames: list[tuple[int, int]] = []
    at = 0
    while at < size and len(frames) <= MAX_PICTURES:
        start = at + _LENGTH
        end = start - own + int.from_bytes(read_at(source, at, _LENGTH), order)
        head = read_at(source, start, max(0, min(_HEAD, end - start)))
        if HEADER not in head and media_extension(head) is None:
            break
        frames.append((start, end))
        at = end
    return frames


def _ends_nearly(source: Source, size: int, frames: list[tuple[int, int]]) -> bool:
    """Return whether only the last of several frames was cut off, or only zero bytes follow the last one."""
    end = frames[-1][1]
    if end > size:
        return len(frames) > 1
    return not any(read_at(source, end, CHUNK)) and size - end <= CHUNK


def _split_at_marks(source: Source, end: int, *, holds_several: bool) -> list[Span]:
    """Split a file at headers and, between several plain pictures, where JPEGs begin."""
    start = _media_offset(read_at(source, 0, _HEAD + 16))
    kind = media_extension(read_at(source, start, 16))
    if kind and not holds_several:
        return [Span(start, end, is_encrypted=False)]
    headers = list(islice(_positions(source, HEADER, 0, end), MAX_PICTURES + 1))
    plain_end = headers[0] if headers else end
    plain: list[Span] = []
    if holds_several and kind in ("jpg", None):
        plain = _split_at_jpegs(source, start, plain_end)
    if not plain and (kind or not headers):
        plain = [Span(start, plain_end, is_encrypted=False)]
    return plain + [Span(at, following, is_encrypted=True) for at, following in pairwise([*headers, end])]


def _media_offset(head: bytes) -> int:
    """Return where in the head a known medium begins, 0 for nowhere; a header in front of it hides it."""
    until = head.find(HEADER) if HEADER in head else _HEAD
    return next((at for at in range(until) if media_extension(head[at : at + 16])), 0)


def _split_at_jpegs(source: Source, start: int, end: int) -> list[Span]:
    """Return a stretch for each JPEG, none where there is no JPEG."""
    starts = list(islice(_jpeg_starts(source, start, end), MAX_PICTURES + 1))
    return [Span(at, following, is_encrypted=False) for at, following in pairwise([*starts, end])]


def _jpeg_starts(source: Source, start: int, end: int) -> Iterator[int]:
    past_header = start
    for at in _positions(source, _JPEG, start, end):
        if at >= past_header:
            yield at
            past_header = _end_of_jpeg_header(source, at, end)


def _end_of_jpeg_header(source: Source, start: int, end: int) -> int:
    """Return where the segments before the image data end: a JPEG inside them is a thumbnail."""
    at = start + 2
    for _ in range(100):
        segment = read_at(source, at, 4)
        following = at + 2 + int.from_bytes(segment[2:], "big")
        # Markers outside these ranges have no length (ITU-T T.81, table B.1).
        is_segment = len(segment) == 4 and segment[0] == 0xFF and 0xC0 <= segment[1] <= 0xFE
        if not is_segment or 0xD0 <= segment[1] <= 0xDA or following >= end:
            return at
        if read_at(source, following, 1) != b"\xff":
            return at
        at = following
    return at


def _positions(source: Source, mark: bytes, start: int, end: int) -> Iterator[int]:
    """Yield every offset of a mark that is completely inside the stretch, in one pass."""
    overlap = len(mark) - 1
    buffer = bytearray(CHUNK + overlap)
    view = memoryview(buffer)
    at, kept = start, 0
    while at < end:
        source.seek(at)
        count = source.readinto(view[kept : kept + min(CHUNK, end - at)])
        if not count:
            return
        filled = kept + count
        found = buffer.find(mark, 0, filled)
        while found >= 0:
            yield at - kept + found
            found = buffer.find(mark, found + 1, filled)
        at += count
        kept = min(overlap, filled)
        view[:kept] = bytes(view[filled - kept : filled])
