"""Files of several pictures are taken apart where one picture ends and the next begins."""

import io
import os
import struct
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpcli.alarms.pictures.container import CHUNK
from hpcli.alarms.pictures.decrypt import (
    Keys,
    decrypt_bytes,
    decrypt_file,
)
from hpcli.errors import PictureError
from tests.support.encrypted_pictures import (
    AVI,
    CHECKSUM,
    DEVICE,
    DEVICE_KEY,
    JPEG,
    JPEG_2,
    MP4,
    PNG,
    SHA,
    TIME,
    by_device,
    by_platform,
    contents,
    frame,
    refuse_to_write,
)


@pytest.mark.parametrize(
    ("plain", "extension"),
    [
        (JPEG, "jpg"),
        (PNG, "png"),
        (MP4, "mp4"),
        (AVI, "avi"),
        (b"GIF89a" + b"\1" * 20, "gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 " + b"\1" * 20, "webp"),
        (b"RIFF\x24\0\0\0WAVEfmt " + b"\1" * 20, "bin"),
        (b"something else altogether", "bin"),
        (b"x", "bin"),
    ],
)
def test_the_first_bytes_name_the_medium(plain: bytes, extension: str) -> None:
    for data, encryption in ((plain, "none"), (by_device(plain), "device")):
        [(picture, content)] = decrypt_bytes(data, keys=DEVICE)
        assert content == plain
        assert (picture.extension, picture.encryption, picture.size) == (extension, encryption, len(plain))


@pytest.mark.parametrize("junk", [b"\0", b"\r\n", b"\xff\xd8 not yet", bytes(60)])
def test_bytes_before_the_magic_are_skipped(junk: bytes) -> None:
    assert contents(junk + JPEG) == [JPEG]
    assert contents(junk + by_device(JPEG), DEVICE) == [JPEG]
    assert contents(junk * 5000 + by_device(JPEG), DEVICE) == [JPEG]


def test_a_header_across_two_chunks_is_found() -> None:
    for before in range(CHUNK - 16, CHUNK + 2):
        assert contents(b"\1" * before + by_device(PNG), DEVICE) == [PNG]


@pytest.mark.parametrize(("order", "counts_itself"), list(product(("big", "little"), (False, True))))
@pytest.mark.parametrize("pictures", [[JPEG], [JPEG, PNG], [JPEG, JPEG_2, MP4, AVI, JPEG]])
@pytest.mark.parametrize("wrap", [by_device, bytes], ids=["encrypted", "plain"])
@pytest.mark.parametrize("holds_several", [True, False])
def test_every_reading_of_the_length_gives_every_picture(
    order: str,
    pictures: list[bytes],
    wrap: Callable[[bytes], bytes],
    *,
    counts_itself: bool,
    holds_several: bool,
) -> None:
    data = b"".join(frame(wrap(plain), order, counts_itself=counts_itself) for plain in pictures)
    assert contents(data, DEVICE, holds_several=holds_several) == pictures


def test_frames_encrypted_by_different_parties_all_open() -> None:
    parts = [by_device(JPEG), by_platform(PNG, SHA.digest()[:16]), MP4]
    data = b"".join(frame(part, "big", counts_itself=False) for part in parts)
    found = decrypt_bytes(data, keys=Keys(device=DEVICE_KEY, checksum=CHECKSUM, times=(TIME,)))
    assert [(picture.number, picture.encryption) for picture, _ in found] == [
        (1, "device"), (2, "platform"), (3, "none"),
    ]  # fmt: skip
    assert [content for _, content in found] == [JPEG, PNG, MP4]


def test_zero_bytes_behind_the_last_frame_do_no_harm() -> None:
    data = frame(by_device(JPEG), "big", counts_itself=False) + frame(PNG, "big", counts_itself=False)
    assert contents(data + bytes(512), DEVICE) == [JPEG, PNG]


def test_a_last_frame_that_was_cut_off_is_kept() -> None:
    data = b"".join(frame(by_device(plain), "little", counts_itself=True) for plain in (JPEG, PNG, JPEG_2))
    found = decrypt_bytes(data[:-64], keys=DEVICE)
    assert [picture.is_whole for picture, _ in found] == [True, True, False]
    assert [content for _, content in found][:2] == [JPEG, PNG]
    assert JPEG_2.startswith(found[2][1])


def test_plain_frames_are_told_apart_although_the_last_was_cut_off() -> None:
    data = b"".join(frame(plain, "big", counts_itself=False) for plain in (MP4, PNG, JPEG))
    assert contents(data[:-64]) == [MP4, PNG, JPEG[:-64]]


def test_framed_pictures_of_unknown_kinds_stay_apart() -> None:
    data = b"".join(frame(by_device(plain), "big", counts_itself=False) for plain in (b"one", b"two"))
    assert contents(data, DEVICE) == [b"one", b"two"]


def test_without_usable_lengths_a_file_is_split_at_the_headers() -> None:
    data = b"".join(b"\x99\x99\x99\x99" + by_device(plain) for plain in (JPEG, PNG, MP4))
    assert contents(data, DEVICE, holds_several=True) == [JPEG, PNG, MP4]
    assert contents(by_device(JPEG) + by_device(AVI), DEVICE) == [JPEG, AVI]


def test_without_usable_lengths_plain_pictures_are_split_where_jpegs_begin() -> None:
    thumbnail = b"\xff\xd8\xff\xdb\0\4\0\0\xff\xd9"
    with_thumbnail = (
        b"\xff\xd8\xff\xe1" + struct.pack(">H", 2 + 6 + len(thumbnail)) + b"Exif\0\0" + thumbnail + JPEG[2:]
    )
    assert contents(JPEG + with_thumbnail + JPEG_2, holds_several=True) == [JPEG, with_thumbnail, JPEG_2]
    assert contents(b"\x99\x99\x99\x99" + JPEG + JPEG_2, holds_several=True) == [JPEG, JPEG_2]
    assert contents(JPEG + by_device(PNG), DEVICE, holds_several=True) == [JPEG, PNG]


@pytest.mark.parametrize("size", range(3, 24))
def test_a_jpeg_that_ends_inside_its_header_is_kept(size: int) -> None:
    assert contents(JPEG[:size], holds_several=True) == [JPEG[:size]]
    assert contents(JPEG + JPEG[:size], holds_several=True) == [JPEG, JPEG[:size]]


def test_a_file_that_begins_as_a_picture_is_one_picture_unless_several_are_announced() -> None:
    assert contents(JPEG + JPEG_2) == [JPEG + JPEG_2]
    assert contents(MP4 + JPEG, holds_several=True) == [MP4 + JPEG]


def test_blocks_without_first_bytes_of_a_medium_continue_the_picture_before_them() -> None:
    pieces = [JPEG[:1000], JPEG[1000:1500], JPEG[1500:]]
    data = b"".join(map(by_device, pieces)) + by_device(PNG)
    assert contents(data, DEVICE) == [JPEG, PNG]


@pytest.mark.parametrize("data", [b"", b"hikencodepicture", b"hikencodepicture" + bytes(47)])
def test_a_file_without_picture_data_is_refused(data: bytes) -> None:
    with pytest.raises(PictureError):
        decrypt_bytes(data, keys=DEVICE)


def test_a_file_of_nothing_but_headers_is_refused_before_anything_is_written() -> None:
    with pytest.raises(PictureError, match="more than 1000 pictures"):
        decrypt_file(io.BytesIO(b"hikencodepicture" * 200_000), refuse_to_write)


@settings(max_examples=60, deadline=None)
@given(
    pictures=st.lists(st.binary(max_size=200).map(lambda tail: JPEG[:40] + tail), min_size=1, max_size=6),
    order=st.sampled_from(["big", "little"]),
    counts_itself=st.booleans(),
    encrypted=st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_no_framed_picture_is_lost(
    pictures: list[bytes], order: str, encrypted: list[bool], *, counts_itself: bool
) -> None:
    parts = [
        by_device(plain) if secret else plain for plain, secret in zip(pictures, encrypted, strict=False)
    ]
    data = b"".join(frame(part, order, counts_itself=counts_itself) for part in parts)
    assert contents(data, DEVICE) == pictures


def test_large_random_bytes_stay_one_file_of_their_own() -> None:
    data = b"\1" + os.urandom(3 << 20)
    [(picture, content)] = decrypt_bytes(data, holds_several=False)
    assert content == data
    assert picture.extension == "bin"
