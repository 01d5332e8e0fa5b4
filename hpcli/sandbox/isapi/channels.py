"""The digital channels of a recorder (Guide A.4.3, A.4.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from hpcli.sandbox.isapi.registry import DeviceCall, element, isapi

_ONLINE = 1


@isapi("GET", "/ISAPI/ContentMgmt/InputProxy/channels", part="channels")
def list_channels(call: DeviceCall) -> ET.Element:
    """List all digital channels (A.5.18)."""
    channels = [
        {
            "id": camera["channelNo"],
            "name": camera["channelName"],
            "sourceInputPortDescriptor": _source(camera)
            | {"deviceTypeName": "DS-2CD2143G2-I", "serialNumber": camera["ipcSerial"]},
            "enableAnr": False,
        }
        for camera in call.store.children("camera", call.serial)
    ]
    return element("InputProxyChannelList", {"InputProxyChannel": channels})


@isapi("GET", "/ISAPI/ContentMgmt/InputProxy/channels/status", part="channels")
def show_channel_states(call: DeviceCall) -> ET.Element:
    """Tell which channels are connected (A.5.20)."""
    states = [
        {
            "id": camera["channelNo"],
            "sourceInputPortDescriptor": _source(camera),
            "online": camera["status"] == _ONLINE,
            "streamingProxyChannelIdList": {
                "streamingProxyChannelId": [f"{camera['channelNo']}01", f"{camera['channelNo']}02"]
            },
            "chanDetectResult": "connect" if camera["status"] == _ONLINE else "netUnreachable",
        }
        for camera in call.store.children("camera", call.serial)
    ]
    return element("InputProxyChannelStatusList", {"InputProxyChannelStatus": states})


def _source(camera: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "adminProtocol": "HIKVISION",
        "addressingFormatType": "ipaddress",
        "ipAddress": f"192.168.254.{camera['channelNo'] + 1}",
        "managePortNo": 8000,
        "srcInputPort": 1,
        "userName": "admin",
        "streamType": "auto",
    }
