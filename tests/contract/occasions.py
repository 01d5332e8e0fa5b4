"""What the command lines of commands.yaml need beforehand: files, and things at the platform."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from hpcli.errors import ConflictError
from hpcli.sandbox import NEW_DEVICE, verification_code
from tests.support.device_bodies import CHANGE, CHANNEL, PROPERTY
from tests.support.platform_server import Platform

PANEL = "Q10254783"
READER = "C94115305"
PERSON = "638b2584a96b9818d6decde85f0dc6cc"
SERVER = "5f0c8c8a-0d4b-4c9e-9d43-1a2b3c4d5e6f"
_WHOLE_CHANNEL = {
    **CHANNEL,
    "enableAnr": True,
    "sourceInputPortDescriptor": {
        **CHANNEL["sourceInputPortDescriptor"],
        "hostName": "camera.example",
        "ipv6Address": "2001:db8::9",
        "streamType": "auto",
        "deviceID": "1",
    },
    "NVRInfo": {"ipAddressNVR": "192.0.2.1", "portNVR": 8000, "ipcChannelNo": 1},
}


def prepare(line: str, platform: Platform, folder: Path) -> str:
    """Return a command line with the names in braces replaced by what stands for them."""
    return line.format_map(_Occasions(platform, folder))


class _Occasions(dict[str, Any]):
    def __init__(self, platform: Platform, folder: Path) -> None:
        super().__init__()
        self.platform, self.folder = platform, folder

    def __missing__(self, name: str) -> str:
        return MAKERS[name](self.platform, self.folder)


def _file(name: str, content: Any) -> Callable[[Platform, Path], str]:
    def write(_platform: Platform, folder: Path) -> str:
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name).write_text(text, encoding="utf-8")
        return str(folder / name)

    return write


def _alarm(platform: Platform, _folder: Path) -> str:
    platform.trigger("burglary")
    return ""


def _picture(platform: Platform, _folder: Path) -> str:
    platform.trigger("burglary", picture="platform")
    messages = platform.client().alarms.poll().messages
    text = json.dumps(messages)
    start = text.index("ISAPI_FILES")
    return text[start : min(text.index(end, start) for end in '"<\\' if end in text[start:])]


def _photo(_platform: Platform, folder: Path) -> str:
    (folder / "face.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"face" + b"\xff\xd9")
    return str(folder / "face.jpg")


def _task(platform: Platform, _folder: Path) -> str:
    return str(platform.client().person.sync.start(READER))


def _server(platform: Platform, _folder: Path) -> str:
    with suppress(ConflictError):  # it is there already
        platform.client().hotspare.add(SERVER, 0)
    return SERVER


def _key(platform: Platform, _folder: Path) -> str:
    return str(platform.client().hotspare.file.upload("backup.zip", b"backup"))


MAKERS: Mapping[str, Callable[[Platform, Path], str]] = {
    "alarm": _alarm,
    "backup": _file("backup.zip", "backup"),
    "changes": _file("changes.json", [{"deviceSerial": PANEL, "propReqs": [CHANGE]}]),
    "channel": _file("channel.json", CHANNEL),
    "codes": _file("codes.txt", f"{NEW_DEVICE}:{verification_code(NEW_DEVICE)}\n"),
    "folder": lambda _platform, folder: str(folder),
    "key": _key,
    "person": lambda _platform, _folder: PERSON,
    "photo": _photo,
    "picture": _picture,
    "properties": _file("properties.json", [{"deviceSerial": PANEL, **PROPERTY}]),
    "server": _server,
    "task": _task,
    "whole_channel": _file("channel.json", _WHOLE_CHANNEL),
    "whole_change": _file("change.json", {**_WHOLE_CHANNEL, "id": 1}),
    "values": _file("values.json", [CHANGE]),
}
