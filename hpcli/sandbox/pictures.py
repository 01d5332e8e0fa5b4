"""Alarm pictures: stored by id, encrypted like the vendor's, fetched by link (Guide §2.5, §3.36)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from werkzeug.wrappers import Response

from hpcli.sandbox import picture_key
from hpcli.sandbox.http.calls import Call, download, operation
from hpcli.sandbox.http.envelope import Refused
from hpcli.sandbox.state.alarm_queue import PICTURE_HOST
from hpcli.sandbox.state.store import Store
from hpcli.sandbox.state.times import local_text, utc_text

KINDS = ("plain", "platform", "device", "several")
"""What `add_pictures` makes; `several` is one file with three pictures encrypted by the device."""

_MAGIC = b"hikencodepicture"
_INITIAL_VECTOR = b"01234567" + bytes(8)
_LINK_SECONDS = 7200.0
_NAMES = ("hall.jpg", "hall-later.jpg", "yard.jpg")
_DIGITS = {"plain": 0, "device": 1, "several": 1, "platform": 2}
_FILE_PATH = re.compile(
    r"ISAPI_FILES/\w+/(?P<id>[^$]+)\$encrypt=(?P<digit>[012]),(?P<time>[^,]+),(?P<sum>\w{32})"
)


def add_pictures(
    store: Store, device: Mapping[str, Any], kind: str, count: int, channel: int, now: float
) -> list[dict[str, str]]:
    """Store `count` pictures of an event; return them as {id, url}.

    Pictures encrypted by the platform get a path that `alarm/pictureurl` exchanges for a link, since only
    that kind of address contains time and checksum; the others get an address that can be fetched directly (§2.5).
    """
    made: list[dict[str, str]] = []
    if kind == "none":
        return made
    serial, stamp = device["deviceSerial"], utc_text(now).translate(str.maketrans("", "", "-:TZ"))
    for number in range(1, count + 1):
        picture_id = f"{stamp}{store.count('picture'):06d}-{serial}-{channel}-40002-2-{number}"
        moment, checksum = local_text(now, device["timeZone"]), secrets.token_hex(16)
        name = "door.jpg" if device["deviceCategory"] in (4, 5, 8) else _NAMES[number - 1]
        data = {"kind": kind, "name": name, "serial": serial, "time": moment, "checksum": checksum}
        store.put("picture", picture_id, data, parent=serial)
        if kind == "platform":
            url = f"ISAPI_FILES/{serial}_{channel}/{picture_id}$encrypt=2,{moment},{checksum}"
        else:
            url = _address(picture_id, serial, channel, kind)
        made.append({"id": picture_id, "url": url})
    return made


@operation("alarmPictureurl")
def link_picture(call: Call) -> dict[str, Any]:
    """Exchange a path for a link that is valid for two hours (§3.36); LAP035004 if it is not a path."""
    found = _FILE_PATH.fullmatch(call.body["filePath"])
    if found is None:
        raise Refused("LAP035004")
    if call.store.get("picture", found["id"]) is None:
        raise Refused("LAP000003")
    link = secrets.token_hex(16)
    call.store.put("link", link, {"picture": found["id"], "until": call.now + _LINK_SECONDS})
    return {"pictureUrl": f"{call.base_url}/pictures/{link}", "encrypt": found["digit"] != "0"}


@download("/pictures/")
def fetch_linked(call: Call) -> Response:
    """Return a picture by its link: HTTP 403 after it expired (field note)."""
    link = call.store.get("link", call.request.path.removeprefix("/pictures/"))
    if link is None or link["until"] <= call.now:
        return Response("Forbidden", status=403, content_type="text/plain")
    return _picture(call, link["picture"])


@download("/v3/alarms/pic/get")
def fetch_picture(call: Call) -> Response:
    """Return a picture by the address in its event."""
    return _picture(call, call.request.args.get("fileId", ""))


def encode_pictures(images: Sequence[bytes], data: Mapping[str, Any], platform_form: str) -> bytes:
    """Return the file of a picture: plain, encrypted, or several encrypted ones, each after its length."""
    kind = data["kind"]
    if kind == "plain":
        return images[0]
    if kind == "platform":
        return _encrypted(images[0], platform_key(data["checksum"] + data["time"], platform_form), bytes(32))
    code = picture_key(data["serial"]).encode()
    once = hashlib.md5(code).hexdigest()  # noqa: S324 - the vendor's format
    twice = hashlib.md5(once.encode()).hexdigest()  # noqa: S324 - as above
    encrypted = [_encrypted(image, code[:16].ljust(16, b"\0"), twice.encode()) for image in images]
    if kind == "device":
        return encrypted[0]
    return b"".join(len(one).to_bytes(4, "big") + one for one in encrypted)


def platform_key(text: str, form: str) -> bytes:
    """Return the key of a picture encrypted by the platform; which form the guide means is open (§2.5)."""
    digest = hashlib.sha256(text.encode())
    if form == "raw":
        return digest.digest()[:16]
    letters = digest.hexdigest()[:16]
    return (letters.upper() if form == "HEX" else letters).encode()


def _encrypted(image: bytes, key: bytes, check: bytes) -> bytes:
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(_INITIAL_VECTOR)).encryptor()
    padded = padder.update(image) + padder.finalize()
    return _MAGIC + check + encryptor.update(padded) + encryptor.finalize()


def _address(picture_id: str, serial: str, channel: int, kind: str) -> str:
    query = {
        "fileId": picture_id,
        "deviceSerialNo": serial,
        "cn": channel,
        "isEncrypted": _DIGITS[kind],
        "isCloudStored": 0,
        "ct": 4,
        "lc": 7,
        "bn": "4_stand-in",
        "isDevVideo": 1 if kind == "several" else 0,
    }
    return f"{PICTURE_HOST}/v3/alarms/pic/get?{urlencode(query)}"


def _picture(call: Call, picture_id: str) -> Response:
    data = call.store.get("picture", picture_id)
    if data is None:
        return Response("Not Found", status=404, content_type="text/plain")
    names = _NAMES if data["kind"] == "several" else (data["name"],)
    images = [files("hpcli.sandbox").joinpath("data", name).read_bytes() for name in names]
    body = encode_pictures(images, data, call.settings.platform_key)
    return Response(body, content_type="application/octet-stream")
