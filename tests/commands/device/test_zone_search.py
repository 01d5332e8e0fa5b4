"""When `panel zones` asks page by page: where the panel does not know the short way, and only there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.device.answers import PANEL, READS
from tests.support.platform_server import lift_call_limit
from tests.support.proxy import replace, start_proxy
from tests.support.runner import Runner


@pytest.mark.parametrize(
    ("name", "searches"),
    [
        ("notSupport", 1),
        ("badParameters", 1),
        ("methodNotAllowed", 1),
        ("deviceError", 0),
        ("noMemory", 0),
        ("invalidOperation", 0),
        ("lowPrivilege", 0),
        ("notActivated", 0),
    ],
)
def test_zones_are_searched_only_where_their_list_is_not_known(
    hpcli: Runner, tmp_path: Path, name: str, searches: int
) -> None:
    body = json.dumps({"statusCode": 4, "statusString": "no", "subStatusCode": name}).encode()
    with start_proxy(tmp_path / "p.db") as proxy:
        proxy.spoil(replace(body=body, is_done=False), operation=READS[1].operation)
        environment = proxy.platform.environment | lift_call_limit(tmp_path / "config")
        result = hpcli("panel", "zones", PANEL, environment=environment)
        assert (result.exit_code == 0, len(proxy.sent(READS[2].operation))) == (searches == 1, searches)
