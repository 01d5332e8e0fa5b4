"""The least that somebody would write with `requests`, to compare hpcli with; see `fleet.py`, which starts it.

    python tests/benchmarks/bare_fleet.py health|isapi|devices

Asks for the same pages and answers as hpcli does, and prints one line of JSON for each device. It keeps no call limit,
repeats nothing, and checks nothing.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from xml.etree import ElementTree as ET

import requests

AT_ONCE = 16
PAGE_SIZE = 100
URI = "ISAPI/System/deviceInfo"
ROOT = os.environ["HPCLI_BASE_URL"] + "/api/hpcgw/"
_own = threading.local()


def session() -> requests.Session:
    """Return the connection of this thread."""
    if not hasattr(_own, "session"):
        _own.session = requests.Session()
        _own.session.headers["Authorization"] = TOKEN
    found: requests.Session = _own.session
    return found


def sign_in() -> str:
    """Return the header of a token."""
    keys = {"appKey": os.environ["HPCLI_APP_KEY"], "secretKey": os.environ["HPCLI_SECRET_KEY"]}
    answer = requests.post(ROOT + "v1/token/get", json=keys, timeout=60).json()
    return "Bearer " + str(answer["data"]["accessToken"])


def post(path: str, **body: Any) -> Any:
    """Return the data of an answer."""
    return session().post(ROOT + path, json=body, timeout=60).json()["data"]


def rows(path: str) -> Iterator[dict[str, Any]]:
    """Yield all rows of a list."""
    number = 1
    while True:
        data = post(path, page=number, pageSize=PAGE_SIZE)
        yield from data["rows"]
        if number >= data["totalPage"]:
            return
        number += 1


def say(row: dict[str, Any]) -> None:
    """Print a line."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def health() -> None:
    """Print the report of each site, and the devices that the reports leave out."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        listed = pool.submit(lambda: list(rows("v1/device/list")))
        sites = list(rows("v1/site/search"))
        reports = pool.map(lambda site: post("v1/site/health/report", siteId=site["id"]), sites)
        of_sites: dict[str, dict[str, dict[str, Any]]] = {}
        for device in listed.result():
            of_sites.setdefault(device["siteID"], {})[device["deviceSerial"]] = device
        for site, report in zip(sites, reports, strict=True):
            place = {"siteId": site["id"], "siteName": site["siteName"]}
            missing = of_sites.get(site["id"], {})
            for device in report["reportDetail"]:
                found = missing.pop(device["deviceSerial"], {})
                say(
                    place
                    | device
                    | {"deviceOnlineStatus": found.get("deviceOnlineStatus"), "report": "present"}
                )
            for device in missing.values():
                say(place | device | {"report": "missing"})


def isapi() -> None:
    """Print what each device says about itself."""

    def ask(serial: str) -> tuple[str, requests.Response]:
        url = f"{ROOT}v1/device/transparent/{URI}"
        return serial, session().get(url, headers={"X-Devserial": serial}, timeout=60)

    serials = [device["deviceSerial"] for device in rows("v1/device/list")]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for serial, answer in pool.map(ask, serials):
            if "xml" in answer.headers.get("Content-Type", ""):
                root = ET.fromstring(answer.content)
                body: Any = {
                    root.tag.rpartition("}")[2]: {one.tag.rpartition("}")[2]: one.text for one in root}
                }
            else:
                body = answer.json()
            say({"deviceSerial": serial, "status": answer.status_code, "body": body})


def devices() -> None:
    """Print all devices."""
    for row in rows("v1/device/list"):
        say(row)


if __name__ == "__main__":
    TOKEN = sign_in()
    {"health": health, "isapi": isapi, "devices": devices}[sys.argv[1]]()
