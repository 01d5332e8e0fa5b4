"""Every example of help, man pages, README and docs, and the folder and account they are run in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hpcli.auth.account import Account
from hpcli.commands.help.topics import TOPICS
from hpcli.sandbox import APP_KEY, SECRET_KEY, verification_code
from hpcli.sandbox.pictures import encode_pictures
from tests.support.device_bodies import CHANGE, CHANNEL, PROPERTY

PANEL = "Q10254783"
ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_NEW = ("K77120045", "K77120046", "S40000010")
_JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + bytes(500) + b"\xff\xd9"
_FLEET = {
    "format": "hpcli-fleet",
    "version": 1,
    "account": {"id": Account("http://127.0.0.1", APP_KEY).id},  # of the sandbox
    "sites": [{"name": "Neubau Kiefernweg 7", "city": "Potsdam"}],
}


def all_examples() -> list[str]:
    """Return every example once, in the order of their places; those of commands stand in the man pages too."""
    return list(dict.fromkeys(_examples()))


def _examples() -> Iterator[str]:
    for page in sorted((ROOT / "man").glob("*.1")):
        yield from _lines(_plain(page.read_text(encoding="utf-8")))
    for topic in TOPICS.values():
        yield from _lines(topic.write())
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
            yield from _lines(block)


def _lines(text: str) -> Iterator[str]:
    """Yield what stands behind `$ `, with the lines that a backslash joins to it."""
    joined = re.sub(r"\\\n\s*", "", text)
    for line in joined.splitlines():
        if line.strip().startswith("$ "):
            yield line.strip()[2:].partition("   #")[0].rstrip()


def _plain(page: str) -> str:
    return page.replace("\\(ga", "`").replace("\\-", "-").replace("\\e", "\\").replace("\\&", "")


def make_files(folder: Path) -> None:
    """Write the files that examples read."""
    texts = {
        "key.txt": f"{verification_code(PANEL)}\n",
        "secret.txt": f"{SECRET_KEY}\n",
        "codes.txt": "".join(f"{serial}:{verification_code(serial)}\n" for serial in _NEW),
        "new-sites.csv": f"serial,code,site\n{_NEW[1]},{verification_code(_NEW[1])},Neubau Ulm\n",
        "devices.csv": f"serial,code,site,name\n{_NEW[0]},{verification_code(_NEW[0])},Bäckerei Grünwald,Tür\n",
        "persons.csv": "employee-no,family-name,given-name,photo\n4712,Weber,Jan,4712.jpg\n",
        "sites.csv": "name,city,time-zone\nHof Nord,Ulm,133\nHof Süd,Ulm,133\n",
        "addresses.csv": "site,city\nHarbour View Hotel,Leeds\n",
        "names.csv": f"serial,name\n{PANEL},Shop panel\n",
        "permits.csv": f"site,account,device,add\nBäckerei Grünwald,maria.gruenwald@baeckerei.example,{PANEL},arm\n",
        "managers.csv": "site,add\nHarbour View Hotel,lukasz@nordlicht.example\n",
        "numbers.csv": f"serial,account\n{PANEL},4711\n",
        "properties.json": json.dumps([{"deviceSerial": PANEL, **PROPERTY}]),
        "changes.json": json.dumps([{"deviceSerial": PANEL, "propReqs": [CHANGE]}]),
        "values.json": json.dumps([CHANGE]),
        "channel.json": json.dumps(CHANNEL),
        "fleet.json": json.dumps(_FLEET),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "backup.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    faces = folder / "faces"
    faces.mkdir()
    (faces / "4712.jpg").write_bytes(_JPEG)


def write_picture(folder: Path, kind: str, data: Mapping[str, Any]) -> None:
    """Write `picture.enc`, encrypted by the panel or by the platform."""
    encrypted = encode_pictures([_JPEG], {"kind": kind, "serial": PANEL, **data}, "hex")
    (folder / "picture.enc").write_bytes(encrypted)
