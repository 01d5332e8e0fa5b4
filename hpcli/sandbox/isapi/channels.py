"""The digital channels of a recorder (Guide A.4.3 to A.4.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from hpcli.sandbox.isapi.device.refusals import BAD_PARAMETERS, BAD_XML_CONTENT, DeviceRefused
from hpcli.sandbox.isapi.device.registry import DeviceCall, done, element, isapi, nested

_URI = "/ISAPI/ContentMgmt/InputProxy/channels"
_REFRESH = "/ISAPI/ContentMgmt/record/control/manualRefresh/channels"
_ONLINE = 1
_NEEDED = ("adminProtocol", "addressingFormatType", "managePortNo", "srcInputPort", "userName")
_UNKNOWN_TO_THE_GUIDE = {"certificateValidationEnabled": False, "defaultAdminPortEnabled": True}
"""Elements of real recorders that A.5.17 does not have; a channel sent back without them is refused."""

_TOLD_IN_THE_STATE = {"password": "Camera-pass1", "verificationCode": "KVXCMR"}
"""Secrets of the cameras that some recorders reveal here, although A.5.19 does not say so."""


@isapi("GET", _URI, part="channels")
def list_channels(call: DeviceCall) -> ET.Element:
    """List all digital channels (A.5.18)."""
    return element("InputProxyChannelList", {"InputProxyChannel": _channels(call)})


@isapi("PUT", _URI, part="channels")
def set_channels(call: DeviceCall) -> ET.Element:
    """Set all digital channels (A.4.3): the list must be complete, with every element that was sent."""
    given = nested(call.xml("InputProxyChannelList")).get("InputProxyChannel", [])
    wanted = given if isinstance(given, list) else [given]
    present = _channels(call)
    if [channel.get("id") for channel in wanted] != [str(channel["id"]) for channel in present]:
        raise DeviceRefused(*BAD_XML_CONTENT)
    for channel, before in zip(wanted, present, strict=True):
        _check_source(channel)
        if not before.keys() <= channel.keys():
            raise DeviceRefused(*BAD_XML_CONTENT)
    for channel in wanted:
        _keep(call, channel)
    return done(_URI)


@isapi("POST", _URI, part="channels")
def add_channel(call: DeviceCall) -> ET.Element:
    """Add a digital channel (A.4.3) with a number that is free."""
    channel = nested(call.xml("InputProxyChannel"))
    number = str(channel.get("id", ""))
    if not number.isdecimal() or int(number) < 1:
        raise DeviceRefused(*BAD_XML_CONTENT)
    if call.store.get("camera", f"{call.serial}/{number}") is not None:
        raise DeviceRefused(*BAD_PARAMETERS)
    source = _check_source(channel)
    if not source.get("password"):
        raise DeviceRefused(*BAD_XML_CONTENT)
    camera = {
        "deviceSerial": call.serial,
        "ipcSerial": source.get("serialNumber", ""),
        "channelNo": int(number),
        "deviceName": call.device["deviceName"],
        "channelName": channel.get("name") or f"IPCamera {int(number):02d}",
        "status": _ONLINE,
        "isShared": "0",
        "picUrl": "",
        "isEncrypt": 1,
        "videoLevel": 2,
        "relatedIpc": True,
    }
    call.store.put("camera", f"{call.serial}/{number}", camera, parent=call.serial)
    _keep(call, channel)
    return done(_URI)


@isapi("GET", _URI + "/status", part="channels")
def show_channel_states(call: DeviceCall) -> ET.Element:
    """Return which channels are connected (A.5.20)."""
    states = [
        {
            "id": camera["channelNo"],
            "sourceInputPortDescriptor": {**_source(camera), **_TOLD_IN_THE_STATE},
            "online": camera["status"] == _ONLINE,
            "streamingProxyChannelIdList": {
                "streamingProxyChannelId": [f"{camera['channelNo']}01", f"{camera['channelNo']}02"]
            },
            "chanDetectResult": "connect" if camera["status"] == _ONLINE else "netUnreachable",
        }
        for camera in call.store.children("camera", call.serial)
    ]
    return element("InputProxyChannelStatusList", {"InputProxyChannelStatus": states})


@isapi("PUT", _REFRESH + "/<ID>", part="channels")
def refresh_playback(call: DeviceCall) -> ET.Element:
    """Refresh the video mode of a channel before playback (A.4.5)."""
    if call.store.get("camera", f"{call.serial}/{call.ids[0]}") is None:
        raise DeviceRefused(*BAD_PARAMETERS)
    return done(f"{_REFRESH}/{call.ids[0]}")


def _channels(call: DeviceCall) -> list[dict[str, Any]]:
    """Return the stored channels, and the initial ones of the recorder for those that were never written."""
    return [
        call.store.get("config", f"{call.serial}/channel{camera['channelNo']}") or _as_made(camera)
        for camera in call.store.children("camera", call.serial)
    ]


def _as_made(camera: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": camera["channelNo"],
        "name": camera["channelName"],
        "sourceInputPortDescriptor": _source(camera)
        | {"deviceTypeName": "DS-2CD2143G2-I", "serialNumber": camera["ipcSerial"]},
        "enableAnr": False,
        **_UNKNOWN_TO_THE_GUIDE,
    }


def _check_source(channel: Mapping[str, Any]) -> dict[str, Any]:
    source = channel.get("sourceInputPortDescriptor")
    if not isinstance(source, dict) or any(not source.get(name) for name in _NEEDED):
        raise DeviceRefused(*BAD_XML_CONTENT)
    return source


def _keep(call: DeviceCall, channel: dict[str, Any]) -> None:
    """Store a channel; its password is never sent again."""
    source = {k: v for k, v in channel["sourceInputPortDescriptor"].items() if k != "password"}
    kept = {**channel, "sourceInputPortDescriptor": source}
    call.store.put("config", f"{call.serial}/channel{channel['id']}", kept, parent=call.serial)
    if channel.get("name"):
        call.store.change("camera", f"{call.serial}/{channel['id']}", channelName=channel["name"])


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
