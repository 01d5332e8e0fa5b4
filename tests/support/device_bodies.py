"""Bodies for commands that change a device: an OTAP property, an IP channel."""

from typing import Any

PASSWORD = "geheim"
PROPERTY = {
    "resourceCategory": "global",
    "localIndex": "0",
    "domainId": "InfoMgr",
    "propId": "DeviceDescription",
}
CHANGE = {**PROPERTY, "value": {"deviceName": "Shop"}}
CHANNEL: dict[str, Any] = {
    "id": 9,
    "name": "Yard",
    "sourceInputPortDescriptor": {
        "adminProtocol": "HIKVISION",
        "addressingFormatType": "ipaddress",
        "ipAddress": "192.0.2.9",
        "managePortNo": 8000,
        "srcInputPort": 1,
        "userName": "admin",
        "password": PASSWORD,
    },
}
