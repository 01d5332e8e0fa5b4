"""What the stand-in overlooks because the platform does: unknown fields, empty ones, pages below one, no body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hpcli.sandbox import DEFAULT_DEVICE
from tests.support.sandbox_reader import API, Reader, new_state, serving

OTAP = {
    "X-Devserial": DEFAULT_DEVICE,
    "X-LocalIndex": "0",
    "X-ResourceCategory": "global",
    "X-DomainIdentifier": "UserInfoCfg",
    "X-PropIdentifier": "UserInfoCfgList",
    "X-ListIdentifier": "UserInfoCfgChangeSync",
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with serving(new_state(tmp_path_factory.mktemp("lenient"))) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("v1/site/search", {"search": "", "remark": {"a": [1]}}),
        ("v1/device/list", {"deviceserial": "Q", "siteId": "", "deviceSerial": None}),
        ("v1/mq/messages", {"timeout": 20}),
        ("v1/mq/subscribe", {"subType": 1, "subMode": "all", "deviceSerialList": []}),
        ("v1/mq/subscribe", {"subType": 1, "subMode": "all", "deviceSerialList": None}),
        ("v1/arcservice/device/list", {"deviceSerialList": [], "siteId": ""}),
        ("v1/person/add", {"employeeNo": "9", "familyName": "A", "givenName": "B", "type": 0, "email": ""}),
        ("v1/site/add", {"name": "Leer", "timeZone": 133, "siteCity": "", "location": None}),
    ],
)
def test_unknown_fields_and_optional_ones_that_are_empty_are_overlooked(
    reader: Reader, path: str, body: dict[str, Any]
) -> None:
    reader.data(path, **body)


def test_unknown_fields_inside_a_list_are_overlooked(reader: Reader) -> None:
    (site,) = reader.data("v1/site/search", search="Kiefernweg")["rows"]
    device = {"deviceSerial": "A00000000", "validateCode": "ABCDEF", "channel": 1, "extendInfo": ""}
    (failed,) = reader.data("v2/device/add", siteId=site["id"], deviceList=[device])["addFailedList"]
    assert failed["failReason"] == "add Exception{EVZ20002}"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("v1/site/add", {"name": "", "timeZone": 133}),
        ("v1/site/health/report", {"siteId": None}),
        ("v1/mq/subscribe", {"subType": 1, "subMode": "list", "deviceSerialList": []}),
        ("v1/person/delete", {"personIds": []}),
        ("v1/device/list", {"page": True}),
        ("v1/device/list", {"siteId": 7}),
    ],
)
def test_what_is_required_or_of_another_type_is_still_refused(
    reader: Reader, path: str, body: dict[str, Any]
) -> None:
    assert reader.call(path, **body)["errorCode"] == "LAP000001"


@pytest.mark.parametrize(
    "path", ["v1/installers/search", "v1/site/search", "v1/device/list", "v1/arcservice/device/list"]
)
@pytest.mark.parametrize("number", [0, -1])
def test_pages_and_sizes_below_one_mean_the_first_page_of_the_usual_size(
    reader: Reader, path: str, number: int
) -> None:
    """The examples of the guide send page 0 and pageSize 0 (§3.2, §3.6)."""
    assert reader.data(path, page=number, pageSize=number) == reader.data(path, page=1, pageSize=20)


@pytest.mark.parametrize(("index", "answered"), [(-1, 1), (0, 1), (2, 2), (99, 3)])
def test_a_page_of_a_device_list_out_of_range_is_the_first_or_the_last(
    reader: Reader, index: int, answered: int
) -> None:
    url = f"{reader.sandbox.base_url}{API}v2/device/transparent/api/service/device/otap/table/list"
    page = {"pageIndex": str(index), "pageSize": "10"}
    data = reader.session.get(url, params=page, headers=OTAP, timeout=5).json()["data"]
    assert data["pageIndex"] == answered


@pytest.mark.parametrize("kind", [None, "application/json", "application/xml", "text/plain"])
@pytest.mark.parametrize("body", ["", "{}", '{"Operate":{}}'])
def test_the_gateway_passes_on_what_has_no_body_or_another_kind_of_it(
    reader: Reader, kind: str | None, body: str
) -> None:
    url = f"{reader.sandbox.base_url}{API}v1/device/transparent/ISAPI/SecurityCP/control/disarm/1?format=json"
    headers = {"X-Devserial": DEFAULT_DEVICE, "X-Userlevel": "", **({"Content-Type": kind} if kind else {})}
    answer = reader.session.put(url, data=body, headers=headers, timeout=5)
    assert answer.json()["statusCode"] == 1


@pytest.mark.parametrize(
    ("method", "uri"),
    [
        ("POST", "/ISAPI/SecurityCP/status/zones?format=json"),
        ("PUT", "/ISAPI/SecurityCP/control/arm/1?format=json"),
        ("PUT", "/ISAPI/SecurityCP/control/bypass?format=json"),
    ],
)
def test_a_device_itself_refuses_what_lacks_what_it_needs(reader: Reader, method: str, uri: str) -> None:
    assert reader.device(method, uri).json()["subStatusCode"] == "badParameters"
