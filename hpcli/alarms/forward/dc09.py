"""Frames of SIA DC-09 with Contact ID (ADM-CID): how they are written, encrypted, and answered.

::

    LF crc 0LLL "ADM-CID" seq R L #acct [#acct|QEEE GG ZZZ] _HH:MM:SS,MM-DD-YYYY CR
"""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from hpcli.errors import UsageError

_ANSWER = re.compile(
    rb'([0-9A-Fa-f]{4})0([0-9A-Fa-f]{3})("(\*?)(ACK|NAK|DUH|RSP)"([0-9]{4})([^\[\r]*)\[([^\r]*))', re.DOTALL
)
_ACCOUNT = re.compile(r"[0-9A-F]{3,16}")
_STAMP = re.compile(r"_(\d\d:\d\d:\d\d,\d\d-\d\d-\d{4})")
_STAMP_FORMAT: Final = "%H:%M:%S,%m-%d-%Y"
_PADDING: Final = string.ascii_letters + string.digits
_BLOCK: Final = 16
_KEY_HEX: Final = (32, 48, 64)
_KEY_CHARACTERS: Final = (16, 24, 32)
LONGEST_OFFSET: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a receiver.

    Attributes:
        kind: ACK, NAK, DUH or RSP.
        number: of the frame it answers.
        account: as it repeats it; empty without one.
        moment: the time it tells, None without one.
    """

    kind: str
    number: int
    account: str
    moment: datetime | None


def crc_of(data: bytes) -> int:
    """Return the CRC-16 (polynomial 0xA001, reflected, start 0) of the bytes from the first quote to before CR."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def enclose(content: str) -> bytes:
    """Return a frame: line feed, CRC, length, the content and carriage return."""
    data = content.encode("ascii")
    return b"\n%04X0%03X" % (crc_of(data), len(data)) + data + b"\r"


def stamp(moment: datetime) -> str:
    """Return the timestamp of a frame, which is the moment of sending, in UTC."""
    return f"_{moment.astimezone(UTC):{_STAMP_FORMAT}}"


@dataclass(frozen=True, slots=True)
class Line:
    """What all frames to a receiver have in common.

    Attributes:
        receiver: `R0`, or empty to leave it out.
        line: `L0`.
        key: AES key; empty for frames in clear.
    """

    receiver: str = "R0"
    line: str = "L0"
    key: bytes = b""

    def frame(
        self, token: str, number: int, account: str, data: str, moment: datetime | None, more: str = ""
    ) -> bytes:
        """Return a frame.

        Args:
            token: `ADM-CID` or `NULL`.
            number: of the frame.
            account: of the panel.
            data: what stands in the brackets; empty for a link test.
            moment: of sending; None for no timestamp, which encrypted frames need.
            more: extended data, in brackets.
        """
        end = more if moment is None else f"{more}{stamp(moment)}"
        head = f"{number:04d}{self.receiver}{self.line}#{account}["
        if not self.key:
            return enclose(f'"{token}"{head}{data}]{end}')
        return enclose(f'"*{token}"{head}{encrypt(self.key, f"|{data}]{end}")}')


def event_data(account: str, code: int, area: int, zone: int) -> str:
    """Return the data of an event: account, qualifier and code, group, and zone or user."""
    return f"#{account}|{code:04d} {area:02d} {zone:03d}"


def occurrence(moment: datetime) -> str:
    """Return the extended data that tells when an event happened, in UTC."""
    return f"[H{moment.astimezone(UTC):{_STAMP_FORMAT}}]"


def encrypt(key: bytes, text: str) -> str:
    """Return AES-CBC of a text, behind 16 to 31 characters that fill its last block, in hex."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    size = _BLOCK + (-len(text)) % _BLOCK
    whole = "".join(secrets.choice(_PADDING) for _ in range(size)) + text
    encryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(_BLOCK))).encryptor()
    return (encryptor.update(whole.encode("ascii")) + encryptor.finalize()).hex().upper()


def read_answer(data: bytes) -> Answer | None:
    """Return the answer that a receiver sent, whatever precedes its line feed; None for damaged or other data."""
    match = _ANSWER.fullmatch(data.rstrip(b"\r\n").rpartition(b"\n")[2])
    if match is None or len(match[3]) != int(match[2], 16) or crc_of(match[3]) != int(match[1], 16):
        return None
    account = re.search(rb"#([0-9A-Fa-f]{3,16})\Z", match[7])
    found = _STAMP.search(match[8].decode("ascii", "replace"))
    try:
        moment = found and datetime.strptime(found[1], _STAMP_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        moment = None
    return Answer(match[5].decode(), int(match[6]), account[1].decode().upper() if account else "", moment)


def read_key(text: str) -> bytes:
    """Return an AES key from 32, 48 or 64 hex digits, or from 16, 24 or 32 characters.

    Raises:
        UsageError: it is neither.
    """
    if not text:
        return b""
    if len(text) in _KEY_HEX:
        try:
            return bytes.fromhex(text)
        except ValueError:
            pass
    if len(text) in _KEY_CHARACTERS and text.isascii():
        return text.encode()
    raise UsageError("The key has 32, 48 or 64 hex digits, or 16, 24 or 32 characters.")


def read_account(text: str) -> str:
    """Return an account number as frames have it.

    Raises:
        UsageError: it does not have 3 to 16 hex digits.
    """
    account = text.strip().upper()
    if not _ACCOUNT.fullmatch(account):
        raise UsageError(f"The account '{text}' does not have 3 to 16 hex digits.")
    return account
