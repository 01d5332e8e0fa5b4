"""Messages of cameras and recorders: analytics, inputs, disks, pictures of alarms (A.3.6, A.3.9 to A.3.21)."""

from typing import Any

from hpcli.alarms.decode.description import Description, channel_label, ended_mark
from hpcli.alarms.decode.facts import find_facts
from hpcli.alarms.event.event import State
from hpcli.alarms.event.fields import dict_of, dicts_of, join_parts, label, number_of, text_of, walk
from hpcli.plurals import quantity

_RECOVERED = "Disk recovered"
_SHOWN_REGIONS = 8
_CAMERA_SIDES = {1: "right camera", 2: "left camera", 3: "left and right camera"}


def read_video(fields: dict[str, Any], type_name: str) -> Description:
    """Return what a video analytics or video signal message says."""
    # Devices repeat events that last and report their end with the state.
    name = type_name + ended_mark(fields)
    facts = find_facts(fields)
    return Description(
        join_parts(name, channel_label(fields), _own_words(fields), *_detections(fields), *facts)
    )


def _own_words(fields: dict[str, Any]) -> str | None:
    """Return the description that a user gave a rule; devices' own repeat the type in English."""
    description = text_of(fields.get("eventDescription"))
    return None if description is None or description.isascii() else description


def _detections(fields: dict[str, Any]) -> list[str]:
    """Return the targets and regions of a message, each once: `human`, `Region 1`."""
    found: list[str] = []
    regions = fields.get("DetectionRegionList")
    if not regions:
        return found
    entries = dicts_of(dict_of(regions).get("DetectionRegionEntry") or regions)
    for entry in entries[:_SHOWN_REGIONS]:
        region = text_of(entry.get("regionID"))
        for part in (text_of(entry.get("detectionTarget")), f"Region {region}" if region else None):
            if part and part not in found:
                found.append(part)
    return found


def read_input(fields: dict[str, Any], type_name: str) -> Description:
    """Return what an alarm input message says."""
    number = number_of(fields.get("inputIOPortID"))
    dynamic = number_of(fields.get("dynInputIOPortID"))
    return Description(
        join_parts(
            (label(type_name, dynamic if number is None else number, None) or type_name) + ended_mark(fields),
            channel_label(fields),
        )
    )


def read_disk(fields: dict[str, Any], type_name: str) -> Description:
    """Return what a disk message says; the disk is in diskNo or in HDDList."""
    listed = (number_of(value) for key, value in walk(fields.get("HDDList")) if key.lower() == "id")
    numbers = [number_of(fields.get("diskNo")), *listed]
    named = sorted({number for number in numbers if number is not None})
    name = type_name + ended_mark(fields)
    state: State | None = "ended" if type_name == _RECOVERED else None
    if len(named) > 1:
        return Description(join_parts(name, f"Disks {', '.join(map(str, named))}"), state=state)
    return Description(join_parts(name, label("Disk", named[0] if named else None, None)), state=state)


def read_linkage(fields: dict[str, Any], type_name: str) -> Description:
    """Return what a Linkage message says; the alarm it belongs to has the same relationId."""
    count = len(dicts_of(fields.get("pictureList")))
    side = _CAMERA_SIDES.get(number_of(fields.get("media")) or 0)
    return Description(join_parts(type_name, channel_label(fields), _counted_pictures(count), side))


def read_manual_capture(fields: dict[str, Any], type_name: str) -> Description:
    """Return what a manualRep message says: the zone and the user are in customInfo."""
    info = custom_info(fields)
    zone = number_of(info.get("zoneV30"))
    if zone is None:
        from_zero = number_of(info.get("zoneNo"))
        zone = None if from_zero is None else from_zero + 1
    user = text_of(info.get("user"))
    return Description(
        join_parts(
            type_name,
            label("Zone", zone, text_of(info.get("zoneName"))),
            _counted_pictures(len(dicts_of(fields.get("pictureList")))),
            f"by {user}" if user else None,
        )
    )


def _counted_pictures(count: int) -> str | None:
    return quantity(count, "picture") if count else None


def custom_info(fields: dict[str, Any]) -> dict[str, str]:
    """Return the pairs of a manualRep message: customInfo over customType (Guide A.3.9, errata 163)."""
    return _pairs_of(fields.get("customType")) | _pairs_of(fields.get("customInfo"))


def _pairs_of(value: object) -> dict[str, str]:
    """Read `a=1|b=2`; also `a=1=b=2`, which devices write in customType."""
    if not isinstance(value, str):
        return {}
    if "|" not in value and value.count("=") > 1:
        words = value.split("=")
        return dict(zip(words[::2], words[1::2], strict=False))
    pairs = (part.partition("=") for part in value.split("|"))
    return {name.strip(): text for name, equals, text in pairs if equals}
