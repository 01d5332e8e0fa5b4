"""Messages of devices: XML and JSON into plain data and back (Guide A.4, A.5)."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpcli.errors import DeviceError, UsageError
from hpcli.isapi.changes import change
from hpcli.isapi.definitions import Field, Message, find_uri, messages, uris
from hpcli.isapi.errors import device_error
from hpcli.isapi.messages import to_body, to_plain
from hpcli.isapi.multipart import split_multipart
from hpcli.isapi.xml import parse_xml, to_text

NAMESPACE = "http://www.isapi.org/ver20/XMLSchema"

DEVICE_INFO = b"""<?xml version="1.0" encoding="UTF-8"?>
<DeviceInfo version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">
  <deviceName>Hall &amp; Yard</deviceName>
  <deviceID>48443030-3939-3939-3939-bcad28f5b3c4</deviceID>
  <model>DS-7608NI-K2</model>
  <serialNumber>DS-7608NI-K20820200101CCRR000000000WCVU</serialNumber>
  <macAddress>bc:ad:28:f5:b3:c4</macAddress>
  <firmwareVersion>V4.30.005</firmwareVersion>
  <deviceType>NVR</deviceType>
  <telecontrolID>255</telecontrolID>
  <supportBeep>true</supportBeep>
  <distanceResolution>0.5</distanceResolution>
  <bootTime/>
  <ZigBeeVersion min="0" max="16">V1.2</ZigBeeVersion>
  <DockStation>
    <Platform>
      <type>none</type>
      <port>80</port>
    </Platform>
  </DockStation>
  <vendorSecret kind="x">
    <item>1</item>
    <item>2</item>
  </vendorSecret>
</DeviceInfo>"""

CHANNELS = b"""<?xml version="1.0" encoding="utf-8"?>
<InputProxyChannelList version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">
<InputProxyChannel version="2.0">
<id>1</id>
<name>Gate</name>
<sourceInputPortDescriptor>
<adminProtocol>HIKVISION</adminProtocol>
<addressingFormatType>ipaddress</addressingFormatType>
<ipAddress>192.168.1.64</ipAddress>
<managePortNo>8000</managePortNo>
<srcInputPort>1</srcInputPort>
<userName>admin</userName>
<connMode>plugplay</connMode>
</sourceInputPortDescriptor>
<enableAnr>false</enableAnr>
</InputProxyChannel>
</InputProxyChannelList>"""


def test_elements_become_the_types_of_the_message() -> None:
    info = to_plain(DEVICE_INFO)["DeviceInfo"]
    assert info["deviceName"] == "Hall & Yard"
    assert info["telecontrolID"] == 255
    assert info["supportBeep"] is True
    assert info["distanceResolution"] == 0.5
    assert info["bootTime"] == ""
    assert info["DockStation"] == {"Platform": {"type": "none", "port": 80}}


def test_attributes_and_namespace_are_kept_beside_the_values() -> None:
    info = to_plain(DEVICE_INFO)["DeviceInfo"]
    assert (info["@xmlns"], info["@version"]) == ("http://www.hikvision.com/ver20/XMLSchema", "2.0")
    assert info["ZigBeeVersion"] == {"@min": "0", "@max": "16", "#text": "V1.2"}


def test_unknown_elements_stay_as_text_and_dicts() -> None:
    assert to_plain(DEVICE_INFO)["DeviceInfo"]["vendorSecret"] == {"@kind": "x", "item": ["1", "2"]}


def test_a_list_of_one_is_a_list() -> None:
    channels = to_plain(CHANNELS)["InputProxyChannelList"]["InputProxyChannel"]
    assert len(channels) == 1
    assert channels[0]["sourceInputPortDescriptor"]["managePortNo"] == 8000
    assert channels[0]["enableAnr"] is False


@pytest.mark.parametrize("body", [DEVICE_INFO, CHANNELS], ids=["info", "channels"])
def test_what_was_read_goes_back_as_the_same_document(body: bytes) -> None:
    assert to_text(parse_xml(to_body(to_plain(body)))) == to_text(parse_xml(body))


def test_a_change_sends_back_every_other_element_in_its_order() -> None:
    changed = to_body(change(to_plain(DEVICE_INFO), "name", "Gate"))
    before, after = list(parse_xml(DEVICE_INFO)), list(parse_xml(changed))
    assert [element.tag for element in before] == [element.tag for element in after]
    assert after[0].text == "Gate"
    assert [to_text(element) for element in before[1:]] == [to_text(element) for element in after[1:]]


def test_a_message_without_namespace_gets_none_on_its_way_back() -> None:
    body = b"<Time><timeMode>NTP</timeMode><zone>x</zone></Time>"
    assert to_body(to_plain(body)).endswith(b"<Time>\n  <timeMode>NTP</timeMode>\n  <zone>x</zone>\n</Time>")


def test_a_message_from_scratch_gets_namespace_version_and_order() -> None:
    body = to_body({"Time": {"timeZone": "CST-8:00:00", "extra": 1, "timeMode": "manual"}})
    root = parse_xml(body)
    assert root.tag == f"{{{NAMESPACE}}}Time"
    assert root.attrib == {"version": "2.0"}
    assert [element.tag.rpartition("}")[2] for element in root] == ["timeMode", "timeZone", "extra"]


def test_pretty_printed_values_lose_the_blanks_of_the_layout() -> None:
    body = b"<PTZData><pan>\n  60\n </pan><tilt> -5 </tilt></PTZData>"
    assert to_plain(body)["PTZData"] == {"@xmlns": "", "pan": 60, "tilt": -5}


def test_text_between_elements_is_not_lost() -> None:
    assert to_plain(b"<a>one<b>2</b>three</a>") == {"a": {"#text": "onethree", "b": "2"}}


def test_values_that_do_not_fit_their_type_stay_as_text() -> None:
    body = b"<PTZData><pan>fast</pan><angularVelocity><enabled>maybe</enabled></angularVelocity></PTZData>"
    assert to_plain(body)["PTZData"]["pan"] == "fast"
    assert to_plain(body)["PTZData"]["angularVelocity"]["enabled"] == "maybe"


def test_json_keys_are_trimmed_and_values_typed() -> None:
    body = b'{"ZoneList": {"Zone ": {" id": "3", "bypassed": "true", "armed": 0, "name": 7, "x": [1]}}}'
    expected = {"id": 3, "bypassed": True, "armed": False, "name": "7", "x": [1]}
    assert to_plain(body) == {"ZoneList": [{"Zone": expected}]}


def test_other_spellings_fold_into_the_printed_one() -> None:
    body = b'{"AcsEvent": {"InfoList": [{"isAbnormalTemperature": "false"}]}}'
    assert to_plain(body)["AcsEvent"]["InfoList"] == [{"isAbnomalTemperature": False}]


def test_json_null_stays_null() -> None:
    assert to_plain(b'{"SubSysList": [{"SubSys": null}]}') == {"SubSysList": [{"SubSys": None}]}


def test_an_empty_body_is_an_empty_message() -> None:
    assert to_plain(b" \r\n") == {}


def test_xml_is_read_where_json_was_asked_for() -> None:
    body = b"<ResponseStatus><statusCode>4</statusCode></ResponseStatus>"
    assert to_plain(body, "JSON_ZoneList")["ResponseStatus"]["statusCode"] == 4


@pytest.mark.parametrize("body", [b"\xff\xd8\xff", b"{", b"[1]", b"<a>", b'{"a": ' + b"[" * 100_000])
def test_an_unreadable_answer_is_a_device_error(body: bytes) -> None:
    with pytest.raises(DeviceError):
        to_plain(body)


@pytest.mark.parametrize(
    "plain",
    [
        {"a": 1, "b": 2},
        {"bad name": 1},
        {"Time": {"1st": 1}},
        {"Time": {"timeZone": "a\x01"}},
        {"Time": {"x": [[1]]}},
        {"Time": {"@a b": "1"}},
    ],
    ids=str,
)
def test_data_that_xml_cannot_carry_is_refused(plain: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        to_body(plain, message_format="xml")


# Every message of A.5, made from its definition.

NAMES = sorted(messages())
TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=20)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXT,
    "datetime": st.datetimes().map(lambda moment: moment.isoformat()),
    "integer": st.integers(-(10**17), 10**17),
    "float": st.floats(-1e9, 1e9).map(lambda number: round(number, 3)),
    "boolean": st.booleans(),
}


def contents(field: Field) -> st.SearchStrategy[Any]:
    """Make what one field may hold, every child sometimes absent, in the guide's order."""
    one = VALUES[field.kind] if field.is_leaf else objects(field)
    return st.lists(one, min_size=1, max_size=2) if field.is_list else one


def objects(field: Field) -> st.SearchStrategy[dict[str, Any]]:
    some = (
        st.lists(st.sampled_from(sorted(field.children)), unique=True, max_size=6)
        if field.children
        else st.just([])
    )
    return some.flatmap(
        lambda names: st.fixed_dictionaries(
            {name: contents(child) for name, child in field.children.items() if name in names}
        )
    )


def documents(message: Message) -> st.SearchStrategy[dict[str, Any]]:
    if message.root is None:
        return objects(message.document)
    return st.fixed_dictionaries({message.root: contents(message.document.children[message.root])})


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(deadline=None, max_examples=20)
def test_every_message_survives_the_way_out_and_back(name: str, data: st.DataObject) -> None:
    message = messages()[name]
    plain = data.draw(documents(message))
    body = to_body(plain, name)
    read = to_plain(body, name)
    assert to_body(read, name) == body
    if message.format == "xml":
        root = read[str(message.root)]
        assert root.pop("@xmlns") == message.namespace
        assert root.pop("@version", "") == message.version
    assert read == plain


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(deadline=None, max_examples=10)
def test_every_json_message_is_typed_from_digits_and_words(name: str, data: st.DataObject) -> None:
    message = messages()[name]
    plain = data.draw(documents(message))
    worded = json.dumps(plain, default=str)
    for word in ("true", "false"):
        worded = worded.replace(f": {word}", f': "{word}"')
    read = to_plain(worded.encode(), name)
    assert read == json.loads(json.dumps(plain))


def test_all_32_calls_of_the_guide_name_messages_that_exist() -> None:
    assert len(uris()) == 32
    for definition in uris():
        named = {definition.request, definition.response, definition.failure} - {None}
        assert named <= set(messages())


@pytest.mark.parametrize(
    ("method", "uri", "section"),
    [
        ("get", "ISAPI/System/time", "A.4.23"),
        ("PUT", "/ISAPI/PTZCtrl/channels/1/presets/12/goto", "A.4.9"),
        ("PUT", "/ISAPI/SecurityCP/control/arm/4294967295?ways=away&format=json", "A.4.10"),
        ("PUT", "/ISAPI/SecurityCP/control/disarm/0xffffffff?format=json", "A.4.14"),
        ("DELETE", "/ISAPI/PTZCtrl/channels/1/presets/", "A.4.7"),
    ],
)
def test_a_uri_is_found_with_its_numbers_and_query(method: str, uri: str, section: str) -> None:
    found = find_uri(method, uri)
    assert found is not None
    assert found.section == section


@pytest.mark.parametrize(
    ("method", "uri"),
    [("DELETE", "/ISAPI/System/time"), ("GET", "/ISAPI/System/Time"), ("GET", "/ISAPI/PTZCtrl/x")],
)
def test_a_uri_the_guide_does_not_know_is_not_found(method: str, uri: str) -> None:
    assert find_uri(method, uri) is None


# --set NAME=VALUE


def test_a_new_element_goes_where_the_guide_has_it() -> None:
    changed = change(to_plain(DEVICE_INFO), "deviceLocation", "Lobby")["DeviceInfo"]
    assert list(changed)[2:5] == ["deviceName", "deviceID", "deviceLocation"]


def test_a_change_keeps_the_attributes_of_its_element() -> None:
    changed = change(to_plain(DEVICE_INFO), "zigbeeversion", "V2")["DeviceInfo"]
    assert changed["ZigBeeVersion"] == {"@min": "0", "@max": "16", "#text": "V2"}


def test_a_change_leaves_the_message_it_was_given_alone() -> None:
    plain = to_plain(DEVICE_INFO)
    change(plain, "DockStation.Platform.port", "81")
    assert plain == to_plain(DEVICE_INFO)


def test_values_of_a_change_are_typed() -> None:
    changed = change(change(to_plain(DEVICE_INFO), "port", "81"), "supportBeep", "no")["DeviceInfo"]
    assert changed["DockStation"]["Platform"]["port"] == 81
    assert changed["supportBeep"] is False


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("deviceID", "1", "set by the device itself"),
        ("deviceNam", "x", "Did you mean deviceName?"),
        ("port", "http", "a whole number"),
        ("supportBeep", "maybe", "true or false"),
        ("distanceResolution", "far", "a number"),
        ("distanceResolution", "nan", "a number"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_the_valid_names(
    name: str, value: str, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        change(to_plain(DEVICE_INFO), name, value)


def test_an_ambiguous_name_lists_what_it_may_mean() -> None:
    body = b"<Other><one><port>1</port></one><two><port>2</port></two></Other>"
    with pytest.raises(UsageError, match=r"one\.port, two\.port"):
        change(to_plain(body), "port", "3")
    assert change(to_plain(body), "two.port", "3")["Other"]["two"] == {"port": "3"}


@pytest.mark.parametrize("body", [b"", b'{"SubSysList": []}'])
def test_a_message_without_single_fields_takes_no_change(body: bytes) -> None:
    with pytest.raises(UsageError, match="no single fields"):
        change(to_plain(body), "name", "x")


# Answers in several parts

FRAGMENTS = st.sampled_from(
    b'< a > </a> /> { } "statusCode" : [ ] -- \r\n \xff &x; <!DOCTYPE <ResponseStatus> 0x40000002 1 , \x00'.split(
        b" "
    )
)


@given(st.one_of(st.binary(max_size=200), st.lists(FRAGMENTS, max_size=30).map(b"".join)))
@settings(deadline=None, max_examples=300)
def test_no_answer_brings_more_than_a_device_error(body: bytes) -> None:
    split_multipart(body, "multipart/mixed; boundary=a")
    split_multipart(body)
    device_error(200, {"X-DeviceCode": body.decode("latin-1")}, body)
    with contextlib.suppress(DeviceError):
        plain = to_plain(body)
        assert isinstance(plain, dict)
