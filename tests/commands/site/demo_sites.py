"""The sites of the demo account, and what was sent about them."""

from __future__ import annotations

from hpcli.client import Client
from hpcli.sandbox import control
from tests.support.platform_server import Platform

BAKERY, TOKYO, NEW, HOTEL = "Bäckerei Grünwald", "東京倉庫", "Neubau Kiefernweg 7", "Harbour View Hotel"
PREFIX = "POST /api/hpcgw/"


def sent(platform: Platform, path: str) -> int:
    return control.statistics(platform.state)["requests"].get(PREFIX + path, 0)


def site_id(client: Client, name: str) -> str:
    return str(client.site.find(name)["id"])
