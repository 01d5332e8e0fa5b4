"""Lists of devices and sites: a bad byte or an odd form costs no row."""

from __future__ import annotations

import json

import pytest

from hpcli.api.operations.health import REPORT
from hpcli.client.coercion import read_answer
from hpcli.errors import HpcliError, ProtocolError
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
        b'{"data":{"data":{"rows":[%s]}},"errorCode":"0"}' % ROW,
        b'{"data":{"list":[%s]},"errorCode":"0"}' % ROW,
        b'{"data":{"rows":[[%s]]},"errorCode":"0"}' % ROW,
        b'{"data":{"rows":{"0":%s}},"errorCode":"0"}' % ROW,
        b'{"data":{"r\xe4ws":[%s]},"errorCode":"0"}' % ROW,
        b'{"d\xe4ta":{"rows":[%s]},"errorC\x01ode":"0"}' % ROW,
        b'{"data":{"rows":[%s]},"errorCode":"0"}' % ROW.replace(b"deviceS", b"device\xe4S"),
        b'\xff{\xfe"data"\xe4:\xff{"rows":\xff[\xff%s\xff]\xff}\xff,\xff"errorCode":\xff"0"\xff}\xff' % ROW,
        b'{"data":{"rows":[%s]},"errorCode":"0"}'
        % ROW.replace(b":", b"\xff:\xfe").replace(b",", b"\xc3,\x01"),
        b'{"data":{"total":1\xff,"rows":[%s],"page":\x021},"errorCode":0\x80}' % ROW,
    ],
    ids=[
        "byte",
        "tab",
        "escape",
        "comma",
        "object",
        "row as text",
        "rows as text",
        "data as text",
        "data in data",
        "list",
        "rows in rows",
        "numbered",
        "byte in rows",
        "bytes outside",
        "byte in a name",
        "bytes between all",
        "bytes within a row",
        "bytes beside numbers",
    ],
)
def test_a_row_is_read_in_whatever_form_it_comes(body: bytes) -> None:
    with answering(body) as host, client_of(host) as client:
        assert [row["deviceSerial"] for row in client.device.list()] == ["Q1"]
        assert [str(row["siteName"])[:1] for row in client.site.list()] == ["H"]


@pytest.mark.usefixtures("short_pauses")
@pytest.mark.parametrize(
    "body",
    [
        b'{"data":{"rows":[{"deviceSer',
        b"<html>",
        b'{"errorCode":"LAP500001",}',
        b'{"data":{"total":1\xff2,"rows":[%s]},"errorCode":"0"}' % ROW,
        b'{"data":{"rows":[\xff]},"errorCode":"0"}',
        b'{"data":x{"rows":[%s]},"errorCode":"0"}' % ROW,
    ],
)
def test_what_is_cut_off_or_an_error_is_not_a_list(body: bytes) -> None:
    with answering(body) as host, client_of(host) as client, pytest.raises(HpcliError):
        list(client.device.list())


@pytest.mark.parametrize(
    "data",
    [b'{"total":1,"items":[%s]}' % ROW, b'{"page":1,"devices":{"a":1}}', b'{"rows":[{"a" @@}]}'],
    ids=repr,
)
def test_rows_under_another_name_are_not_nothing(data: bytes) -> None:
    with (
        answering(b'{"data":%s,"errorCode":"0"}' % data) as host,
        client_of(host) as client,
        pytest.raises(ProtocolError, match="is not what the guide describes") as error,
    ):
        list(client.device.list())
    assert "UnreadableElement" not in str(error.value)


@pytest.mark.parametrize(
    ("data", "serials"),
    [
        ({"siteId": "1", "reportDetail": [{"deviceSerial": "Q1"}]}, ["Q1"]),
        ({"siteId": "1", "report\ufffdetail": [{"deviceSerial": "Q1"}]}, ["Q1"]),
        ({"siteId": "1"}, []),
        ({"siteId": "1", "details": []}, []),
        ({"siteId": "1", "details": [{"deviceSerial": "Q1"}]}, None),
    ],
)
def test_the_rows_of_any_call_are_not_nothing_under_another_name(
    data: dict[str, object], serials: list[str] | None
) -> None:
    if serials is None:
        with pytest.raises(ProtocolError, match="it has no reportDetail, but details"):
            read_answer(REPORT, data)
    else:
        assert [row["deviceSerial"] for row in read_answer(REPORT, data)] == serials


LINK = "https://pictures.example/a.jpg?x=1&y=2"


@pytest.mark.parametrize(
    "data",
    [
        LINK,
        f" {LINK} ",
        {"pictureURL": LINK.replace("&", "&amp;")},
        {"url": LINK},
        {"data": {"picUrl": f" {LINK}"}},
        [LINK],
        {"list": [{"url": LINK.replace("&", "&amp;")}]},
        json.dumps({"url": LINK}),
        json.dumps(LINK),
    ],
    ids=str,
)
def test_the_link_of_a_picture_is_found_wherever_it_stands(data: object) -> None:
    with answering(json.dumps({"data": data, "errorCode": "0"}).encode()) as host, client_of(host) as client:
        assert client.alarms.picture_url("ISAPI_FILES/a")["pictureUrl"] == LINK
