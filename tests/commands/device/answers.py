"""The 32 operations of appendix A.4 as command lines, and bodies that answer none of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from hpcli.api.operation import API
from hpcli.reference.document import find_operation

DATA = Path(__file__).with_name("data")
PANEL, RECORDER, CAMERA, DOOR = "Q10254783", "Q10254801", "G20419934", "C94115305"

_SOURCE = {
    "adminProtocol": "HIKVISION",
    "addressingFormatType": "ipaddress",
    "ipAddress": "192.168.254.40",
    "managePortNo": 8000,
    "srcInputPort": 1,
    "userName": "admin",
    "password": "Camera-pass1",
}
NEW_CHANNEL = json.dumps({"id": 9, "name": "Yard", "sourceInputPortDescriptor": _SOURCE})


@dataclass(frozen=True, slots=True)
class Reply:
    """What stands in the place of a device's answer."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/xml"


@dataclass(frozen=True, slots=True)
class Call:
    """One operation.

    Attributes:
        method: of the request.
        uri: of the request, without `/ISAPI`.
        line: the command line that sends it.
        stdin: what that reads.
        is_readable: its outcome shows in a state that can be read back.
    """

    method: str
    uri: str
    line: tuple[str, ...]
    stdin: str | None = None
    is_readable: bool = True

    @property
    def operation(self) -> str:
        """The operationId of the request."""
        found = find_operation(self.method, f"{API}v1/device/transparent/ISAPI{self.uri}")
        assert found is not None
        return str(found[1]["operationId"])

    def __str__(self) -> str:
        """Return the command, to name a test."""
        return "-".join(word for word in self.line[:3] if word not in (PANEL, RECORDER, CAMERA, DOOR))


def _call(
    method: str, uri: str, line: str, *more: str, stdin: str | None = None, readable: bool = True
) -> Call:
    return Call(method, uri, (*line.split(), *more), stdin, readable)


_PRESETS = "/PTZCtrl/channels/1/presets"
CHANGES = (
    _call("PUT", "/SecurityCP/control/arm/1", f"panel arm {PANEL} 1 --mode away --no-wait"),
    _call("PUT", "/SecurityCP/control/disarm/2", f"panel disarm {PANEL} 2 --yes"),
    _call("PUT", "/SecurityCP/control/clearAlarm/2", f"panel clear {PANEL} 2 --yes"),
    _call("PUT", "/SecurityCP/control/bypass", f"panel bypass {PANEL} 1 --yes"),
    _call("PUT", "/SecurityCP/control/bypassRecover", f"panel unbypass {PANEL} 3"),
    _call("POST", "/SecurityCP/control/outputs", f"panel relay {PANEL} 1 --set open --yes"),
    _call("PUT", "/System/IO/outputs/1/trigger", f"device output set {PANEL} 1 high --yes"),
    _call("PUT", "/System/deviceInfo", f"device info {PANEL} --set name=Lobby --yes"),
    _call("PUT", "/System/time", f"device time {PANEL} --set 2h --mode manual --yes"),
    _call(
        "PUT",
        "/ContentMgmt/InputProxy/channels",
        f"device ip-channels set {RECORDER} --yes --data",
        '{"id": 1, "name": "Entrance 7"}',
    ),
    _call(
        "POST",
        "/ContentMgmt/InputProxy/channels",
        f"device ip-channels add {RECORDER} --yes --data -",
        stdin=NEW_CHANNEL,
    ),
    _call(
        "PUT",
        "/ContentMgmt/record/control/manualRefresh/channels/1",
        f"device refresh-playback {RECORDER} 1",
        readable=False,
    ),
    _call("PUT", "/PTZCtrl/channels/1/continuous", f"ptz move {CAMERA} 1 --pan 20", readable=False),
    _call("POST", _PRESETS, f"ptz preset add {CAMERA} 1 --name Shed"),
    _call("PUT", f"{_PRESETS}/2", f"ptz preset set {CAMERA} 1 2 --name Ramp"),
    _call("PUT", f"{_PRESETS}/1/goto", f"ptz preset goto {CAMERA} 1 1", readable=False),
    _call("DELETE", f"{_PRESETS}/1", f"ptz preset delete {CAMERA} 1 1 --yes"),
    _call("DELETE", _PRESETS, f"ptz preset delete {CAMERA} 1 --all --yes"),
)
READS = (
    _call("GET", "/SecurityCP/status/subSystems", f"panel areas {PANEL}"),
    _call("GET", "/SecurityCP/status/zones", f"panel zones {PANEL}"),
    _call("POST", "/SecurityCP/status/zones", f"panel zones {PANEL} --search"),
    _call("POST", "/SecurityCP/status/outputStatus", f"panel relays {PANEL}"),
    _call("GET", "/System/IO/outputs", f"device output list {PANEL}"),
    _call("GET", "/System/IO/outputs/1/status", f"device output status {PANEL} 1"),
    _call("GET", "/System/deviceInfo", f"device info {PANEL}"),
    _call("GET", "/System/time", f"device time {PANEL}"),
    _call("GET", "/ContentMgmt/InputProxy/channels", f"device ip-channels list {RECORDER}"),
    _call("GET", "/ContentMgmt/InputProxy/channels/status", f"device ip-channels status {RECORDER}"),
    _call("GET", _PRESETS, f"ptz preset list {CAMERA} 1"),
    _call("GET", f"{_PRESETS}/1", f"ptz preset show {CAMERA} 1 1"),
    _call("POST", "/AccessControl/AcsEvent", f"access events {DOOR}"),
    _call("POST", "/AccessControl/UserInfo/Search", f"access users {DOOR}"),
)

SILENT = (
    Reply(),
    Reply(b'{"errorCode": "0"}'),
    Reply(b'{"errorCode": 0, "message": "Ok", "data": {}}'),
    Reply(status=204),
)
"""Answers to a change that say nothing."""

_TEXTS = (
    b" \r\n",
    b"\0" * 64,
    b"\xef\xbb\xbf",
    b'{"errorCode": "0", "data": false}',
    b'{"errorCode": "0", "data": []}',
    b"{}",
    b"null",
    b"[]",
    b"true",
    b"1",
    b'""',
    b"OK",
    b'{"success": false}',
    b'{"success": true}',
    b'{"responsestatus": {"statuscode": 4, "substatuscode": "invalidOperation"}}',
    b'{"statusCode": "4", "statusString": "Invalid Operation"}',
    b'{"errorCode": "0", "data": {"ResponseStatus": {"statusCode": 4, "subStatusCode": "invalidOperation"}}}',
    b'{"statusCode": 1, "statusString": "OK", "List": [{"id": 1, "statusCode": 4, "subStatusCode": "zoneFault"}]}',
    b'{"ResponseStatus": {"statusCode": 1, "FailedNodeInfoList": {"FailedNodeInfo": {"nodeIP": "10.0.0.2"}}}}',
    b'{"statusCode": true}',
    b'{"statusCode": 1',
    b"<responsestatus><statuscode>4</statuscode></responsestatus>",
    b"<Answer><ResponseStatus><statusCode>4</statusCode></ResponseStatus></Answer>",
    b"<ResponseStatus><statusString>Device Error</statusString></ResponseStatus>",
    b"<ResponseStatus><statusCode>1</statusCo",
    b"<userCheck><statusValue>200</statusValue><statusString>OK</statusString></userCheck>",
    b"<userCheck><statusValue>401</statusValue><retryLoginTime>3</retryLoginTime></userCheck>",
    b"<html><body>Bad gateway</body></html>",
    b"<Other/>",
    b"\xff\xd8\xff\xe0 a picture",
    b'{"a": ' * 300,
)
WRONG = (
    *(Reply(text) for text in _TEXTS),
    *(Reply((DATA / f"change-{name}").read_bytes()) for name in (
        "login-page.html", "nested-status.json", "user-check-locked.xml"
    )),
    *(Reply(b"", status) for status in (301, 302, 307)),
    Reply(b"<html>moved</html>", 303),
)  # fmt: skip
"""Answers of HTTP 200 and redirects that are neither a success nor a message that anybody asked for."""
