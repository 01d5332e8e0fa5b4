"""Rows of docs/openapi/health.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict


class EncoderHealthChannels(TypedDict, total=False):
    """`channels` of `EncoderHealth`."""

    name: str
    """Name."""
    status: int
    """State; codes `onlineStatus`."""
    deviceId: str
    """Device ID."""
    channelNo: int
    """Channel."""
    channelIpaddr: str
    """IP address."""


class EncoderHealthHdds(TypedDict, total=False):
    """`hdds` of `EncoderHealth`."""

    deviceId: str
    """Device ID."""
    hddNo: int
    """Disk."""
    temperature: int
    """Temperature."""
    poweronday: int
    """Days in use."""
    selfevaluatingstatus: int
    """Self-evaluation; codes `selfevaluatingstatus`."""
    allevaluatingstatus: int
    """Overall evaluation; codes `allevaluatingstatus`."""


class EncoderHealthHddAttributeDtoList(TypedDict, total=False):
    """`hddAttributeDtoList` of `EncoderHealth`."""

    hddNo: int
    """Disk."""
    status: int
    """State; codes `smartStatus`."""
    attributed: int
    """Attribute; also sent as attributeId; codes `smartAttributeId`."""


class EncoderHealth(TypedDict, total=False):
    """`EncoderHealth` in answers."""

    loopEnable: int
    """Overwriting of old recordings; codes `loopEnable`."""
    diskUsage: float
    """Use of the disks, per cent."""
    diskStatus: int
    """State of the disks together; codes `diskStatus`."""
    videoSingle: int
    """Video signal; also sent as videoSignal; codes `videoSingle`."""
    channels: list[EncoderHealthChannels]
    hdds: list[EncoderHealthHdds]
    hddAttributeDtoList: list[EncoderHealthHddAttributeDtoList]
    """S.M.A.R.T. attributes."""


class PanelHealthIPCStatusList(TypedDict, total=False):
    """`IPCStatusList` of `PanelHealth`."""

    id: str
    """Channel."""
    status: str
    """State; codes `ipcStatus`."""
    type: str
    """Kind."""
    lastTriggerTime: str
    """Last trigger, device time."""


class HealthZone(TypedDict, total=False):
    """`HealthZone` in answers."""

    name: str
    """Name."""
    zoneId: int
    """Number, from 0."""
    deviceId: str
    """Device ID."""
    tamperStatus: str
    """Tamper; codes `tamperStatus`."""
    diagnosticsResult: str
    """Self-check; codes `diagnosticsResult`."""
    networkStatus: str
    """Connection; codes `peripheralNetworkStatus`."""
    batteryStatus: str
    """Battery; codes `peripheralBatteryStatus`."""
    signalStrength: str
    """Signal; codes `signalStrengthWord`."""
    peripheralType: str
    """Wiring; codes `peripheralType`."""
    byPassStatus: str
    """Bypass; codes `byPassStatus`."""
    externalPower: str
    """External power; codes `externalPower`."""
    lastTriggerTime: str
    """Last trigger, device time, as in "20,May,2023 16:56:12"."""
    lastCaptureTime: str
    """Last picture, device time."""


class HealthPeripheral(TypedDict, total=False):
    """A keypad, card reader, output module, repeater, sounder, transmitter, relay or keyfob."""

    id: int
    """Number."""
    name: str
    """Name."""
    seq: str
    """Serial number."""
    tamperStatus: str
    """Tamper; codes `tamperStatus`."""
    diagnosticsResult: str
    """Self-check; codes `diagnosticsResult`."""
    networkStatus: str
    """Connection; codes `peripheralNetworkStatus`."""
    batteryStatus: str
    """Battery; codes `peripheralBatteryStatus`."""
    signalStrength: str
    """Signal; codes `signalStrengthWord`."""
    peripheralType: str
    """Wiring; codes `peripheralType`."""
    byPassStatus: str
    """Bypass; codes `byPassStatus`."""
    externalPower: str
    """External power; not of keypads and card readers; codes `externalPower`."""
    lastOperationTime: str
    """Last use of a keypad, card reader or keyfob, device time."""
    lastSoundTime: str
    """Last sounding of a sounder, device time."""
    lastTriggerTime: str
    """Last trigger of a transmitter, device time."""


class PanelHealth(TypedDict, total=False):
    """`PanelHealth` in answers."""

    operRes: str
    """Self-check; codes `operRes`."""
    cloudStatus: str
    """Cloud; codes `cloudStatus`."""
    workStatus: str
    """Arming; codes `workStatus`."""
    cellConnectStatus: str
    """Mobile network; codes `cellConnectStatus`."""
    cellSignalStrength: str
    """Mobile signal; codes `signalStrengthWord`."""
    dataUsed: str
    """Mobile data used in MB, with or without the unit."""
    networkCable: str
    """Wired network; codes `networkCable`."""
    wifiSignalStrength: str
    """Wi-Fi signal; codes `signalStrengthWord`."""
    batteryStatus: str
    """Battery; codes `batteryStatus`."""
    arcConnectStatus: str
    """ARC connections, separated by commas, each with its number in brackets; codes `arcConnectStatus`."""
    lastInspected: str
    """Last inspection, device time, as in "20,May,2023 16:56:12"."""
    IPCStatusList: list[PanelHealthIPCStatusList]
    zones: list[HealthZone]
    keyPadList: list[HealthPeripheral]
    """Keypads."""
    cardReaderList: list[HealthPeripheral]
    """Card readers."""
    outPutList: list[HealthPeripheral]
    """Output modules."""
    repeaterList: list[HealthPeripheral]
    """Repeaters."""
    sirenList: list[HealthPeripheral]
    """Sounders."""
    transmitterList: list[HealthPeripheral]
    """Transmitters; also sent as TransmitterList."""
    relayList: list[HealthPeripheral]
    """Relays."""
    remoteList: list[HealthPeripheral]
    """Keyfobs."""


class HealthRow(TypedDict, total=False):
    """Row of `REPORT`: report the state of all devices of a site."""

    deviceSerial: str
    """Serial number."""
    deviceName: str
    """Name."""
    deviceVersion: str
    """Firmware version."""
    category: str
    """Kind of device; codes `reportCategory`."""
    deviceSubCategory: int
    """Sub-category; codes `deviceSubCategory`."""
    deviceIp: str
    """IP address."""
    deviceModel: str
    """Model."""
    deviceId: str
    """Device ID."""
    onlineStatus: int
    """State; codes `onlineStatus`."""
    lastOfflineTime: str
    """Last time offline; ISO 8601 without a zone."""
    enCodingDeviceStatus: EncoderHealth | None
    """State of a camera or recorder; some answers have a list of one."""
    alarmDeviceStatus: PanelHealth | None
    """State of an alarm panel; some answers have a list of one."""
