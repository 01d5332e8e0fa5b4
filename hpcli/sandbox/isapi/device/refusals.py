"""How devices refuse: status, sub-status name and number (Guide A.6, A.7)."""

from __future__ import annotations


class DeviceRefused(Exception):  # noqa: N818 - an answer of a device, not a fault of the program
    """The device refuses a request.

    Args:
        status: status code 2 to 7 (Guide A.6).
        name: sub-status, such as `notSupport`.
        code: the number of that sub-status in A.6 or A.7.
    """

    def __init__(self, status: int, name: str, code: int) -> None:
        super().__init__(name)
        self.status = status
        self.name = name
        self.code = code


BUSY = (2, "deviceBusy", 0x20000004)
NOT_SUPPORTED = (4, "notSupport", 0x40000001)
LOW_PRIVILEGE = (4, "lowPrivilege", 0x40000002)
INVALID_OPERATION = (4, "invalidOperation", 0x40000006)
BYPASS_FAILED = (4, "bypassFailed", 0x40008003)
ARMED = (4, "armedStatus", 0x4000800B)
BYPASSED = (4, "bypassStatus", 0x4000800C)
ZONE_NOT_SUPPORTED = (4, "zoneNotSupport", 0x4000800D)
ARMING = (4, "arming", 0x4000801D)
NO_USER = (4, "userNotExist", 0x4000804F)
WRONG_PASSWORD = (4, "passwordError", 0x00200001)
LOCKED = (4, "userNameLocked", 0x00200003)
BAD_XML_FORMAT = (5, "badXmlFormat", 0x50000001)
BAD_PARAMETERS = (6, "badParameters", 0x60000001)
BAD_XML_CONTENT = (6, "badXmlContent", 0x60000003)
