"""Pictures that others encrypted open; pictures that must stay closed do not."""

import hashlib
import io
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from tests.support.encrypted_pictures import (
    CHECKSUM,
    DEVICE,
    DEVICE_KEY,
    IV,
    JPEG,
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
