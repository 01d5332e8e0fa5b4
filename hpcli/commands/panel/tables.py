"""Tables of areas, zones and relays of a panel."""

from collections.abc import Mapping
from typing import Any

from hpcli.client.panel_arming import is_open
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.device_messages import message_fields
from hpcli.output import Column, View

Row = Mapping[str, Any]

_ARMING = {
    "disarm": ("disarmed", "quiet"),
    "away": ("armed away", "good"),
    "stay": ("armed stay", "good"),
    "arming": ("arming", "warn"),
}
_ZONE = {
    "online": ("online", "good"),
    "trigger": ("open", "warn"),
    "offline": ("offline", "off"),
    "breakDown": ("fault", "bad"),
    "heartbeatAbnormal": ("heartbeat lost", "bad"),
    "notRelated": ("not used", "quiet"),
}
_RELAY = {
    "on": ("on (open)", "good"),
    "off": ("off (closed)", "quiet"),
    "offline": ("offline", "off"),
    "heartbeatAbnormal": ("heartbeat lost", "bad"),
    "notRelated": ("not used", "quiet"),
}
_WEAK_SIGNAL = 64  # a quarter of the scale of 0 to 255 (A.5.13)


def zone_state(row: Row) -> tuple[str, str]:
    """Return the state of a zone as word and style; the worst state wins."""
    if row.get("alarm"):
        return "alarm", "bad"
    status = str(row.get("status") or "")
    if status == "online" and is_open(row):
        return "open", "warn"
    return _ZONE.get(status, (status, "unknown"))


def zone_problems(row: Row) -> list[str]:
    """Return the faults of a zone in words; empty if it has none."""
    word, tone = zone_state(row)
    problems = [] if tone in ("good", "quiet") else [word]
    faults = {
        "bypassed": row.get("bypassed") is True,
        "disabled": row.get("shielded") is True,
        "tampered": row.get("tamperEvident") is True,
        "battery low": row.get("charge") == "lowPower",
        "adapter power low": row.get("mainCharge") == "lowPower",
        "fault": row.get("healthStatus") == "fault" and word not in ("offline", "fault"),
        "sensor abnormal": row.get("sensorStatus") == "abnormal",
        "maze abnormal": row.get("mazeStatus") == "abnormal",
        "expired": row.get("userfulLifeStatus") == "expire",
    }
    return problems + [name for name, is_there in faults.items() if is_there]


def _battery(_value: Any, row: Row) -> str:
    level = row.get("chargeValue")
    share = f"{level} %" if isinstance(level, int) else ""
    if row.get("charge") == "lowPower":
        return f"low {share}".strip()
    return share or str(row.get("charge") or "")


def _battery_tone(_value: Any, row: Row) -> str | None:
    return "bad" if row.get("charge") == "lowPower" else None


def _signal_tone(value: Any, _row: Row) -> str | None:
    if not isinstance(value, int):
        return None
    return "red" if value == 0 else "yellow" if value < _WEAK_SIGNAL else None


def _flag(word: str, otherwise: str = "") -> Any:
    return lambda value, _row: word if value is True else otherwise if value is False else ""


def _tone_when_true(tone: str) -> Any:
    return lambda value, _row: tone if value is True else None


def _known(states: Mapping[str, tuple[str, str]], place: int) -> Any:
    """Return a `show` (place 0) or `style` (place 1) of a state."""
    return lambda value, _row: states.get(str(value), (str(value or ""), "unknown"))[place] if value else ""


AREAS = View(
    noun="area",
    id="id",
    columns=(
        Column("AREA", "id"),
        Column("NAME", "name", wide=True),
        Column("STATE", "arming", show=_known(_ARMING, 0), style=_known(_ARMING, 1), codes="arming"),
        Column("ALARM", "alarm", show=_flag("alarm", "no"), style=_tone_when_true("bad")),
        Column("DELAY", "delayTime", show=lambda value, _row: f"{value} s" if value else "", priority=2),
        Column("IN USE", "enabled", priority=3),
    ),
    fields=message_fields("JSON_SubSysList", "SubSysList", "SubSys"),
)

ZONES = View(
    noun="zone",
    id="zone",
    columns=(
        Column("ZONE", "zone"),
        Column("NAME", "name", wide=True),
        Column(
            "STATE",
            "status",
            show=lambda _value, row: zone_state(row)[0],
            style=lambda _value, row: zone_state(row)[1],
            codes="zoneStatus",
        ),
        Column("BYPASS", "bypassed", show=_flag("bypassed"), style=_tone_when_true("warn")),
        Column("BATTERY", "charge", show=_battery, style=_battery_tone, codes="batteryCharge"),
        Column("SIGNAL", "signal", style=_signal_tone, priority=1),
        Column("TAMPER", "tamperEvident", show=_flag("tampered", "ok"), style=_tone_when_true("bad")),
        Column("AREA", "subSystemNo", priority=2),
        Column("ARMED", "armed", priority=3),
        code_column("TYPE", "zoneType", "zoneType", priority=4),
        Column("DETECTOR", "detectorType", wide=True, priority=5),
    ),
    fields=lambda: tuple(
        dict.fromkeys(
            (
                *message_fields("JSON_ZoneList", "ZoneList", "Zone", also=("zone",))(),
                *message_fields("JSON_ZoneSearch", "ZoneSearch", "ZoneList", "Zone")(),
            )
        )
    ),
)

RELAYS = View(
    noun="relay",
    id="relay",
    columns=(
        Column("RELAY", "relay"),
        Column("NAME", "name", wide=True),
        Column("STATE", "status", show=_known(_RELAY, 0), style=_known(_RELAY, 1), codes="relayStatus"),
        code_column("SWITCHED BY", "linkage", "relayLinkage", priority=1),
        Column("BATTERY", "charge", show=_battery, style=_battery_tone, priority=2, codes="batteryCharge"),
        Column("TAMPER", "tamperEvident", show=_flag("tampered", "ok"), style=_tone_when_true("bad")),
        Column("AREAS", "subSystemList", priority=3),
    ),
    fields=message_fields(
        "JSON_OutputSearch_Status", "OutputSearch", "OutputList", "Output", also=("relay",)
    ),
)
