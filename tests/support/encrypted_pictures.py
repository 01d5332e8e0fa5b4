"""Pictures encrypted by hand, as devices and the platform do it."""

import hashlib
import struct
from contextlib import AbstractContextManager

import pytest
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hpcli.alarms.pictures.decrypt import Keys, Sink, decrypt_bytes

DEVICE_KEY = b"Kraken-7"
CHECKSUM = "fd9b7f16393203046d40be71da380128"
TIME = "2021-08-09T12:54:25"
IV = "30313233343536370000000000000000"

DEVICE = Keys(device=DEVICE_KEY, serial="Q03110476")
SHA = hashlib.sha256((CHECKSUM + TIME).encode())
"""What the platform makes its keys of."""

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


def frame(data: bytes, order: str, *, counts_itself: bool) -> bytes:
    return struct.pack(">I" if order == "big" else "<I", len(data) + 4 * counts_itself) + data


def refuse_to_write(_number: int, _extension: str) -> AbstractContextManager[Sink]:
    pytest.fail("something was written")
