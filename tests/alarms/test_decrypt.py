"""Pictures that others encrypted open; pictures that nobody should open do not."""

import hashlib
import io
import os
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import product
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from hpcli.alarms.pictures import container as frames
from hpcli.alarms.pictures.decrypt import (
    Keys,
    Picture,
    Sink,
    SomePicturesError,
    WrongKeyError,
    decrypt_bytes,
    decrypt_file,
)
from hpcli.errors import PictureError

DEVICE_KEY = b"Kraken-7"
CHECKSUM = "fd9b7f16393203046d40be71da380128"
TIME = "2021-08-09T12:54:25"
IV = "30313233343536370000000000000000"

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb0004aabb") + b"\x5a" * 3001 + b"\xff\xd9"
JPEG_2 = JPEG[:40] + b"second" + JPEG[40:]
PNG = b"\x89PNG\r\n\x1a\n" + b"\x11" * 100
MP4 = b"\0\0\0\x18ftypisom" + b"\x22" * 500
AVI = b"RIFF\x10\0\0\0AVI LIST" + b"\x33" * 77


def encrypt(plain: bytes, key: bytes) -> bytes:
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES128(key), modes.CBC(bytes.fromhex(IV))).encryptor()
    return encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()


def by_device(plain: bytes, key: bytes = DEVICE_KEY, digest: bytes | None = None) -> bytes:
    text = hashlib.md5(hashlib.md5(key).hexdigest().encode()).hexdigest().encode()
    return b"hikencodepicture" + (digest or text).ljust(32, b"\0") + encrypt(plain, (key + bytes(16))[:16])


def by_platform(plain: bytes, key: bytes) -> bytes:
    return b"hikencodepicture" + bytes(32) + encrypt(plain, key)


def contents(data: bytes, keys: Keys | None = None, *, holds_several: bool = False) -> list[bytes]:
    return [content for _, content in decrypt_bytes(data, keys=keys, holds_several=holds_several)]


DEVICE = Keys(device=DEVICE_KEY, serial="Q03110476")


def test_a_device_picture_that_openssl_encrypted_opens(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(JPEG)
    key = DEVICE_KEY.ljust(16, b"\0").hex()
    body = subprocess.run(
        ["openssl", "enc", "-aes-128-cbc", "-K", key, "-iv", IV, "-in", plain],
        capture_output=True,
        check=True,
    ).stdout
    digest = subprocess.run(
        "printf %s \"$(printf %s Kraken-7 | md5sum | cut -d' ' -f1)\" | md5sum | cut -d' ' -f1",
        shell=True, capture_output=True, check=True,
    ).stdout.strip()  # fmt: skip

    [(picture, content)] = decrypt_bytes(b"hikencodepicture" + digest + body, keys=DEVICE)

    assert content == JPEG
    assert picture == Picture(1, "jpg", len(JPEG), "device", "hex digest over text", is_whole=True)


@pytest.mark.parametrize(
    "digest",
    [
        hashlib.md5(hashlib.md5(DEVICE_KEY).hexdigest().encode()).digest(),
        hashlib.md5(hashlib.md5(DEVICE_KEY).digest()).digest(),
        hashlib.md5(hashlib.md5(DEVICE_KEY).digest()).hexdigest().encode(),
        hashlib.md5(hashlib.md5(DEVICE_KEY).hexdigest().encode()).hexdigest().upper().encode(),
    ],
    ids=["raw", "raw over raw", "text over raw", "upper-case text"],
)
def test_every_reading_of_the_digest_is_accepted(digest: bytes) -> None:
    assert contents(by_device(JPEG, digest=digest), DEVICE) == [JPEG]


@pytest.mark.parametrize(
    "key", [b"k", b"exactly-16-bytes", b"longer than sixteen bytes", "Schlüssel".encode()]
)
def test_a_device_key_of_any_length_is_cut_or_filled_up(key: bytes) -> None:
    assert contents(by_device(PNG, key), Keys(device=key)) == [PNG]


def test_a_wrong_device_key_is_named_before_anything_is_written() -> None:
    with pytest.raises(WrongKeyError, match=r"^Wrong key for Q03110476\.$") as caught:
        decrypt_file(io.BytesIO(by_device(JPEG, b"another")), refuse_to_write, keys=DEVICE)
    assert "Q03110476" in (caught.value.hint or "")


@pytest.mark.parametrize("announced", ["device", None])
def test_a_device_picture_without_a_key_says_whose_key_is_missing(announced: str | None) -> None:
    with pytest.raises(PictureError, match="device encrypted this picture, and its key is not known"):
        decrypt_bytes(by_device(JPEG), announced="device" if announced else None)


def test_a_platform_picture_without_checksum_says_what_to_give() -> None:
    with pytest.raises(PictureError, match="neither a device key nor a checksum") as caught:
        decrypt_bytes(by_platform(JPEG, b"k" * 16), announced="platform")
    assert "--checksum" in (caught.value.hint or "")


SHA = hashlib.sha256((CHECKSUM + TIME).encode())
BLANK_SHA = hashlib.sha256((CHECKSUM + TIME.replace("T", " ")).encode())


@pytest.mark.parametrize(
    ("key", "form"),
    [
        (SHA.hexdigest()[:16].encode(), f"hex of checksum+{TIME}"),
        (SHA.digest()[:16], f"raw of checksum+{TIME}"),
        (SHA.hexdigest()[:16].upper().encode(), f"upper-case hex of checksum+{TIME}"),
        (BLANK_SHA.hexdigest()[:16].encode(), "hex of checksum+2021-08-09 12:54:25"),
        (BLANK_SHA.digest()[:16], "raw of checksum+2021-08-09 12:54:25"),
    ],
)
def test_a_platform_picture_opens_in_each_form_of_the_key_and_names_it(key: bytes, form: str) -> None:
    keys = Keys(checksum=CHECKSUM, times=("1999-01-01T00:00:00", TIME))
    [(picture, content)] = decrypt_bytes(by_platform(MP4, key), keys=keys)
    assert content == MP4
    assert (picture.extension, picture.encryption, picture.form) == ("mp4", "platform", form)


def test_a_platform_key_that_fits_nothing_is_refused() -> None:
    keys = Keys(device=DEVICE_KEY, checksum=CHECKSUM, times=(TIME,))
    with pytest.raises(PictureError, match="No known form of the platform's key"):
        decrypt_bytes(by_platform(JPEG, b"0123456789abcdef"), keys=keys, announced="platform")


def test_a_message_of_thousands_of_times_costs_no_more_than_some() -> None:
    times = (*(str(number) for number in range(5000)), TIME)
    with pytest.raises(PictureError, match="No known form"):
        decrypt_bytes(by_platform(JPEG, SHA.digest()[:16]), keys=Keys(checksum=CHECKSUM, times=times))


def test_the_file_decides_who_encrypted_whatever_the_address_says() -> None:
    keys = Keys(device=DEVICE_KEY, checksum=CHECKSUM, times=(TIME,))
    data = by_platform(JPEG, SHA.digest()[:16])
    assert decrypt_bytes(data, keys=keys, announced="device")[0][1] == JPEG
    assert decrypt_bytes(by_device(JPEG), keys=keys, announced="platform")[0][1] == JPEG
    assert decrypt_bytes(by_device(JPEG), keys=keys, announced="none")[0][1] == JPEG
    assert decrypt_bytes(JPEG, keys=keys, announced="platform")[0][0].encryption == "none"


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
    for before in range(frames.CHUNK - 16, frames.CHUNK + 2):
        assert contents(b"\1" * before + by_device(PNG), DEVICE) == [PNG]


def test_a_body_that_is_no_multiple_of_sixteen_is_cut() -> None:
    assert contents(by_device(JPEG) + b"over", DEVICE) == [JPEG]


def test_bytes_that_only_look_like_padding_are_kept() -> None:
    plain = JPEG[:4] + bytes(11) + b"\x05"
    [(picture, content)] = decrypt_bytes(by_device(plain)[:-16], keys=DEVICE)
    assert content == plain
    assert not picture.is_whole


def test_a_picture_cut_off_on_its_way_is_kept_and_marked() -> None:
    [(picture, content)] = decrypt_bytes(by_device(JPEG)[:-100], keys=DEVICE)
    assert JPEG.startswith(content)
    assert len(content) > len(JPEG) - 120
    assert not picture.is_whole

    [(picture, content)] = decrypt_bytes(
        by_platform(JPEG, SHA.digest()[:16])[:-100], keys=Keys(checksum=CHECKSUM, times=(TIME,))
    )
    assert JPEG.startswith(content)
    assert not picture.is_whole


def frame(data: bytes, order: str, *, counts_itself: bool) -> bytes:
    return struct.pack(">I" if order == "big" else "<I", len(data) + 4 * counts_itself) + data


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


def test_what_opens_is_written_although_another_picture_does_not() -> None:
    data = by_device(JPEG) + by_device(PNG, b"another") + by_device(MP4)
    written: list[tuple[int, str]] = []

    @contextmanager
    def open_sink(number: int, extension: str) -> Iterator[Sink]:
        yield io.BytesIO()
        written.append((number, extension))

    with pytest.raises(SomePicturesError, match="Wrong key for Q03110476") as caught:
        decrypt_file(io.BytesIO(data), open_sink, keys=DEVICE)
    assert written == [(1, "jpg"), (2, "mp4")]
    assert [picture.size for picture in caught.value.pictures] == [len(JPEG), len(MP4)]


@pytest.mark.parametrize("data", [b"", b"hikencodepicture", b"hikencodepicture" + bytes(47)])
def test_a_file_without_picture_data_is_refused(data: bytes) -> None:
    with pytest.raises(PictureError):
        decrypt_bytes(data, keys=DEVICE)


def test_a_file_of_nothing_but_headers_is_refused_before_anything_is_written() -> None:
    with pytest.raises(PictureError, match="more than 1000 pictures"):
        decrypt_file(io.BytesIO(b"hikencodepicture" * 200_000), refuse_to_write)


def test_a_file_that_shrinks_while_it_is_read_is_an_error() -> None:
    class Shrinking(io.BytesIO):
        def seek(self, offset: int, whence: int = 0, /) -> int:
            return super().seek(offset, whence) + (5000 if whence == 2 else 0)

    for data in (JPEG, by_device(JPEG)):
        with pytest.raises(PictureError, match="ended while it was read"):
            decrypt_bytes_of(Shrinking(data))


def decrypt_bytes_of(source: io.BytesIO) -> list[Picture]:
    @contextmanager
    def open_sink(_number: int, _extension: str) -> Iterator[Sink]:
        yield io.BytesIO()

    return decrypt_file(source, open_sink, keys=DEVICE)


def test_keys_do_not_show_in_a_repr() -> None:
    text = repr(Keys(device=DEVICE_KEY, checksum=CHECKSUM, times=(TIME,), serial="Q03110476"))
    assert "Kraken" not in text
    assert CHECKSUM not in text
    assert "Q03110476" in text


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    import tracemalloc

    large = JPEG + bytes(24 << 20)
    path = tmp_path / "large"
    path.write_bytes(
        b"".join(frame(by_device(large, DEVICE_KEY), "big", counts_itself=False) for _ in range(2))
    )
    del large
    sizes: list[int] = []

    class Counter:
        def write(self, data: memoryview, /) -> None:
            sizes.append(len(data))

    @contextmanager
    def open_sink(_number: int, _extension: str) -> Iterator[Sink]:
        yield Counter()

    decrypt_bytes(by_device(JPEG), keys=DEVICE)
    tracemalloc.start()
    with path.open("rb") as source:
        decrypt_file(source, open_sink, keys=DEVICE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(sizes) == 2 * (len(JPEG) + (24 << 20))
    assert peak < 4 << 20


def refuse_to_write(_number: int, _extension: str) -> AbstractContextManager[Sink]:
    pytest.fail("something was written")


pieces = st.one_of(
    st.binary(max_size=80),
    st.sampled_from(
        [b"hikencodepicture", JPEG, PNG, MP4[:20], by_device(JPEG), by_device(b""), b"\xff\xd8\xff"]
    ),
    st.integers(0, 2**32 - 1).map(lambda number: struct.pack(">I", number)),
    st.integers(0, 4000).map(lambda number: struct.pack("<I", number)),
    st.just(by_platform(JPEG, SHA.digest()[:16])),
)


@settings(max_examples=300, deadline=None)
@given(data=st.lists(pieces, max_size=8).map(b"".join), holds_several=st.booleans())
def test_whatever_the_bytes_only_picture_errors_come_out(data: bytes, *, holds_several: bool) -> None:
    keys = Keys(device=DEVICE_KEY, checksum=CHECKSUM, times=(TIME,))
    try:
        found = decrypt_bytes(data, keys=keys, holds_several=holds_several)
    except PictureError:
        return
    assert sum(len(content) for _, content in found) <= len(data)
    assert all(picture.size == len(content) for picture, content in found)


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
