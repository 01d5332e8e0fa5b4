"""What strangers may put into alarms: it is stored whole, printed harmless, and stops nothing."""

from __future__ import annotations

import io
import json
import math
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.event.event import EVENT_FIELDS
from hpcli.alarms.journal.batches import Kept, keep_batch
from hpcli.alarms.journal.entries import Entry, line_of
from hpcli.alarms.journal.queries import Filter, read_page
from hpcli.alarms.journal.rows import make_rows
from hpcli.alarms.journal.schema import open_in_memory
from hpcli.alarms.pictures.files import picture_path
from hpcli.alarms.tail.lines import EventLines
from hpcli.commands.alarms.tables import events_view
from hpcli.output import Format, Options, Printer
from hpcli.output.text import replace_surrogates
from hpcli.sandbox import DEFAULT_DEVICE
from hpcli.sandbox.state import alarm_queue, seed
from tests.support.alarm_messages import CID, RECEIVED, xml
from tests.support.platform_server import Platform
from tests.support.runner import Runner

FEW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

NASTY = st.sampled_from(
    [
        "\x00", "\x1b[2J\x1b]0;owned\x07", "[bold red]x[/]", "../../etc/passwd", "C:\\con", "\ud800", "\u202e",
        "\x9b31m", "\u2028", "'); DROP TABLE entry;--", "%s{0}", "a" * 5000, "\ufeff", "\\ud800", "-2", "\n", '"',
        "\x7f",
    ]
)  # fmt: skip
TEXTS = st.one_of(NASTY, st.text(st.characters(), max_size=20), st.tuples(NASTY, NASTY).map("".join))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)
BODIES = st.one_of(
    VALUES,
    VALUES.map(json.dumps),
    TEXTS.map(lambda text: xml("VMD", text)),
    st.tuples(st.sampled_from(sorted(CID)), VALUES).map(lambda pair: CID | dict([pair])),
    st.tuples(st.sampled_from(sorted(CID["CIDEvent"])), VALUES).map(
        lambda pair: CID | {"CIDEvent": CID["CIDEvent"] | dict([pair])}
    ),
    TEXTS.map(
        lambda text: {"eventType": text, "relationId": text, "pictureList": [{"url": f"https://h/{text}"}]}
    ),
)
MESSAGES = st.fixed_dictionaries(
    {"alarmData": BODIES},
    optional={
        "messageId": st.one_of(TEXTS, VALUES),
        "deviceSerial": st.one_of(TEXTS, VALUES),
        "formatType": TEXTS,
    },
)


@contextmanager
def journal() -> Iterator[sqlite3.Connection]:
    with closing(open_in_memory()) as db:
        yield db


def keep(db: sqlite3.Connection, messages: list[dict[str, Any]], batch: str = "b") -> Kept:
    rows = [make_rows(message, Receipt(RECEIVED))[0] for message in messages]
    db.execute("BEGIN")
    kept = keep_batch(db, batch, rows, now=1, wants_pictures=True)
    db.execute("COMMIT")
    return kept


def entries(db: sqlite3.Connection) -> list[Entry]:
    return read_page(db, 0, wanted=Filter(with_keep_alives=True))[0]


def assert_harmless(line: str) -> None:
    """A terminal shows the line and obeys nothing in it."""
    bad = re.findall(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", line)
    assert not bad, bad


def as_stored(value: Any) -> Any:
    """Return a message as JSON can carry it: no lone surrogates, no NaN or infinities."""
    match value:
        case str():
            return replace_surrogates(value)
        case float() if not math.isfinite(value):
            return None
        case list():
            return [as_stored(item) for item in value]
        case dict():
            return {replace_surrogates(key): as_stored(item) for key, item in value.items()}
        case _:
            return value


@FEW
@given(messages=st.lists(MESSAGES, min_size=1, max_size=4), batch=TEXTS)
def test_whatever_comes_is_kept_whole_once_and_printed_harmless(
    messages: list[dict[str, Any]], batch: str
) -> None:
    with journal() as db:
        kept = keep(db, messages, batch)
        assert kept.new + kept.repeats == len(messages)
        again = keep(db, messages, batch)
        assert (again.new, again.repeats) == (0, len(messages))
        found = entries(db)
        assert len({entry.id for entry in found}) == len(found) == kept.new
        for entry in found:
            line = line_of(entry, redelivered=False)
            assert line.endswith("}\n")
            assert_harmless(line[:-1])
            event = json.loads(line)
            assert list(event) == list(EVENT_FIELDS)
            assert event["raw"] in [as_stored(message) for message in messages]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 30))
LARGE = 10 * 1024 * 1024
PRINTED = 1024 * 1024
"""Size of a long text that is printed: what is quick with this is not quadratic, and ten times as much takes 10 s."""
SMALL: dict[str, Any] = {
    "billion laughs": f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>{xml("VMD")[38:]}&l29;',
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><eventType>&e;</eventType>',
    "NUL": {"eventType": "cid\x00Event", "CIDEvent": {"code": "11\x0003", "zoneName": "a\x00b"}},
    "ANSI": CID | {"CIDEvent": CID["CIDEvent"] | {"zoneName": "\x1b[2J\x1b]0;owned\x07\x9b31m\x1bP0;1|17/ab\x1b\\"}},
    "Rich markup": CID | {"CIDEvent": CID["CIDEvent"] | {"zoneName": "[red]x[/] [link=https://evil.example]y[/link]"}},
    "a path": CID | {"deviceSerial": "../../etc/cron.d/x", "relationId": "..\\..\\con"},
    "right to left": CID | {"CIDEvent": CID["CIDEvent"] | {"zoneName": "\u202egpj.exe\u2066"}},
    "line ends": CID | {"CIDEvent": CID["CIDEvent"] | {"zoneName": "a\r\nb\u2028c\x85d\x0be"}},
    "a formula": CID | {"CIDEvent": CID["CIDEvent"] | {"zoneName": "=HYPERLINK(1)"}},
}  # fmt: skip
LARGE_ONES: dict[str, Callable[[int], Any]] = {
    "a long string": lambda size: {"eventType": "VMD", "channelName": "x" * size},
    "a long text": lambda size: "x" * size,
    "long XML": lambda size: xml("VMD", f"<channelName>{'x' * size}</channelName>"),
    "many XML elements": lambda _: xml("VMD", "<a/>" * 200_000),
    "many keys": lambda _: {"eventType": "VMD"} | {f"key {n}": n for n in range(100_000)},
    "deep JSON text": lambda _: "[" * 100_000,
    "deep JSON": lambda _: json.loads("[" * 900 + "]" * 900),
    "deep XML": lambda _: "<a>" * 100_000,
    "a long number": lambda _: '{"eventType": "VMD", "channelID": ' + "9" * 10_000 + "}",
}  # fmt: skip


@cache
def payloads(size: int = PRINTED) -> dict[str, Any]:
    """Return what alarms may hold; made by the first test that needs it, as it is large."""
    return SMALL | {name: make(size) for name, make in LARGE_ONES.items()}


@pytest.mark.parametrize("name", [*SMALL, *LARGE_ONES])
def test_a_hostile_payload_is_stored_whole(name: str) -> None:
    message = {
        "formatType": "JSON",
        "deviceSerial": "../Q1\x00",
        "messageId": f"../{name}\x1b",
        "alarmData": payloads(LARGE)[name],
    }
    with journal() as db:
        keep(db, [message])
        event = json.loads(line_of(entries(db)[0], redelivered=False))
    assert event["raw"] == message
    assert event["device"] == "../Q1\x00"


@pytest.fixture(scope="module")
def hostile() -> list[Entry]:
    """An event of each payload, as the journal has them."""
    with journal() as db:
        keep(db, [{"deviceSerial": "Q1\x1b[0m", "alarmData": payload} for payload in payloads().values()])
        return entries(db)


@pytest.mark.parametrize("output", [form for form in Format if form not in (Format.JSON, Format.XLSX)])
def test_hostile_payloads_are_printed_harmless(output: Format, hostile: list[Entry]) -> None:
    out = io.StringIO(newline="\n")
    lines = EventLines(Printer(out, Options(output, width=100)), events_view(utc=True))
    lines.write([(entry, False) for entry in hostile])
    printed = out.getvalue()
    characters = set(printed.replace("\r\n", "\n")) - {"\n", "\t"}  # line ends, separators of plain
    assert_harmless("".join(characters))
    has_header = output in (Format.PLAIN, Format.CSV)
    if output is Format.CSV:
        ends = re.findall(r"\r\n(?=TIME|2026)|\Z", printed)
    else:  # long texts of a table go on in lines that begin with blanks
        ends = [line for line in printed.splitlines() if not line.startswith(" ")]
    assert len(ends) == len(payloads()) + has_header


@pytest.mark.parametrize(
    "text", ["../../etc/passwd", "..\\..\\x", "/abs", "a\x00b", "con", "nul.", "\u202ex", "", "." * 300]
)
def test_a_picture_stays_in_its_folder_whatever_serial_and_id_hold(tmp_path: Path, text: str) -> None:
    path = picture_path(tmp_path, time="../x", serial=text, event_id=text, number=1, extension=f"../{text}")
    assert path.parent.parent == tmp_path
    assert re.fullmatch(r"[A-Za-z0-9_.-]{1,200}", path.name)
    assert ".." not in path.name


def test_a_hostile_message_stops_nothing_that_follows(hpcli: Runner, platform: Platform) -> None:
    with seed.open_state(platform.state) as store:
        bodies = [json.dumps(body) if not isinstance(body, str) else body for body in payloads().values()]
        alarm_queue.enqueue(
            store, [alarm_queue.Message(DEFAULT_DEVICE, "XML", body) for body in bodies], time.time()
        )
    platform.trigger("burglary")
    result = hpcli(
        "alarms",
        "tail",
        "-o",
        "ndjson",
        "--limit",
        str(len(payloads()) + 1),
        environment=platform.environment,
    )
    assert result.exit_code == 0, result.stderr
    assert [event["raw"]["alarmData"] for event in result.rows[:-1]] == bodies
    assert result.rows[-1]["type"] == "cidEvent"
