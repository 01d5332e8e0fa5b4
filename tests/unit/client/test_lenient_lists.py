"""Lists of devices and sites: a bad byte or an odd form costs no row."""

from __future__ import annotations

import json

import pytest

from hpcli.errors import HpcliError
from tests.support.transports import answering, client_of

ROW = b'{"deviceSerial":"Q1","siteName":"Hof"}'


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":{"rows":[%s]},"errorCode":"0"}' % ROW.replace(b"Hof", b"H\xf6f"),
        b'{"data":{"rows":[%s]},"errorCode":"0"}' % ROW.replace(b"Hof", b"H\tof"),
        b'{"data":{"rows":[%s]},"errorCode":"0"}' % ROW.replace(b"Hof", rb"H\xof"),
        b'{"data":{"rows":[%s,]},"errorCode":"0"}' % ROW,
        b'{"data":{"rows":%s},"errorCode":"0"}' % ROW,
        b'{"data":{"rows":[%s]},"errorCode":"0"}' % json.dumps(ROW.decode()).encode(),
        b'{"data":{"rows":%s},"errorCode":"0"}' % json.dumps(f"[{ROW.decode()}]").encode(),
        b'{"data":%s,"errorCode":"0"}' % json.dumps(f'{{"rows":[{ROW.decode()}]}}').encode(),
    ],
    ids=["byte", "tab", "escape", "comma", "object", "row as text", "rows as text", "data as text"],
)
def test_a_row_is_read_in_whatever_form_it_comes(body: bytes) -> None:
    with answering(body) as host, client_of(host) as client:
        assert [row["deviceSerial"] for row in client.device.list()] == ["Q1"]
        assert [str(row["siteName"])[:1] for row in client.site.list()] == ["H"]


@pytest.mark.usefixtures("short_pauses")
@pytest.mark.parametrize("body", [b'{"data":{"rows":[{"deviceSer', b"<html>", b'{"errorCode":"LAP500001",}'])
def test_what_is_cut_off_or_an_error_is_not_a_list(body: bytes) -> None:
    with answering(body) as host, client_of(host) as client, pytest.raises(HpcliError):
        list(client.device.list())
