"""The stand-in's alarm pictures, decrypted here by the words of Guide §2.5."""

from __future__ import annotations

import time
from collections.abc import Iterator
from hashlib import md5, sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hpcli.sandbox import DEFAULT_DEVICE, control, verification_code
from hpcli.sandbox.state import seed
from tests.support.sandbox_reader import Reader, new_state, payload, serving


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with serving(new_state(tmp_path)) as made:
        yield made


def decrypted(data: bytes, key: bytes) -> bytes:
    """Decrypt as Guide §2.5 describes it."""
    assert data[:16] == b"hikencodepicture"
    cipher = Cipher(algorithms.AES(key), modes.CBC(bytes([48, 49, 50, 51, 52, 53, 54, 55] + [0] * 8)))
    decryptor = cipher.decryptor()
    plain = decryptor.update(data[48:]) + decryptor.finalize()
    return plain[: -plain[-1]]


def device_key(data: bytes) -> bytes:
    """Return the device's key after the check that Guide §2.5 asks for."""
    code = verification_code(DEFAULT_DEVICE).encode()
    assert data[16:48].decode() == md5(md5(code).hexdigest().encode()).hexdigest()
    return code.ljust(16, b"\0")


def is_picture(data: bytes) -> bool:
    return data.startswith(b"\xff\xd8\xff") and data.endswith(b"\xff\xd9")


def linkage_urls(reader: Reader, picture: str) -> list[str]:
    """Trigger a burglary with pictures and return their addresses."""
    control.trigger(reader.state, "burglary", picture=picture)
    cid, linkage = (payload(message) for message in reader.data("v1/mq/messages")["list"])
    assert cid["relationId"] == linkage["relationId"]
    assert (cid["eventType"], linkage["eventType"]) == ("cidEvent", "Linkage")
    return [entry["url"] for entry in linkage["pictureList"]]


def test_a_plain_picture_is_fetched_from_its_address_without_a_token(reader: Reader) -> None:
    urls = linkage_urls(reader, "plain")
    assert len(urls) == 2
    for url in urls:
        assert url.startswith(f"{reader.sandbox.base_url}/v3/alarms/pic/get?")
        assert "isEncrypted=0" in url
        assert is_picture(reader.get(url).content)


def test_a_picture_encrypted_by_the_device_opens_with_its_verification_code(reader: Reader) -> None:
    url = linkage_urls(reader, "device")[0]
    assert "isEncrypted=1" in url
    data = reader.get(url).content
    assert is_picture(decrypted(data, device_key(data)))


@pytest.mark.parametrize("form", ["hex", "HEX", "raw"])
def test_a_picture_encrypted_by_the_platform_opens_with_checksum_and_time(reader: Reader, form: str) -> None:
    control.configure(reader.state, platform_key=form)
    path = linkage_urls(reader, "platform")[0]
    assert path.startswith("ISAPI_FILES/")
    _, moment, checksum = path.partition("$encrypt=")[2].split(",")
    answer = reader.data("v1/alarm/pictureurl", filePath=path)
    assert answer["encrypt"] is True
    digest = sha256((checksum + moment).encode())
    letters = digest.hexdigest()[:16]
    key = {"hex": letters.encode(), "HEX": letters.upper().encode(), "raw": digest.digest()[:16]}[form]
    assert is_picture(decrypted(reader.get(answer["pictureUrl"]).content, key))


def test_several_pictures_come_in_one_file(reader: Reader) -> None:
    url = linkage_urls(reader, "several")[0]
    assert "isDevVideo=1" in url
    data, pictures = reader.get(url).content, []
    while data:
        length = int.from_bytes(data[:4], "big")
        one, data = data[4 : 4 + length], data[4 + length :]
        pictures.append(decrypted(one, device_key(one)))
    assert len(set(pictures)) == 3
    assert all(is_picture(picture) for picture in pictures)


def test_a_link_to_a_picture_lives_two_hours(reader: Reader) -> None:
    path = linkage_urls(reader, "platform")[0]
    link = reader.data("v1/alarm/pictureurl", filePath=path)["pictureUrl"]
    with seed.open_state(reader.state) as store:
        entry = store.get("link", link.rpartition("/")[2])
        assert entry is not None
        assert abs(entry["until"] - time.time() - 7200) < 60
        store.change("link", link.rpartition("/")[2], until=time.time() - 1)
    assert reader.get(link).status_code == 403


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (
            "ISAPI_FILES/C94115305_6/20210809$encrypt=2,2021-08-09T12:54:25,fd9b7f16393203046d40be71da380128",
            "LAP000003",
        ),
        ("ISAPI_FILES/C94115305_6/no-suffix", "LAP035004"),
    ],
)
def test_a_path_of_no_picture_is_refused(reader: Reader, path: str, code: str) -> None:
    assert reader.call("v1/alarm/pictureurl", filePath=path)["errorCode"] == code


@pytest.mark.parametrize(("name", "key"), [("door", "pictureURL"), ("call", "url"), ("snapshot", "url")])
def test_other_events_carry_pictures_too(reader: Reader, name: str, key: str) -> None:
    control.trigger(reader.state, name, picture="plain")
    (message,) = reader.data("v1/mq/messages")["list"]
    event = payload(message)
    holder = event.get("AccessControllerEvent") or event.get("coverUrl") or event["pictureList"][0]
    assert is_picture(reader.get(holder[key]).content)
