"""What must hold after a soak: each message once in the journal, printed at least once, repeats marked."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpcli.client.queue_answer import END_OF_ANSWER
from hpcli.sandbox.state.alarm_queue import LARGEST_BATCH
from tests.soak.feed import Feed, name_in
from tests.soak.stage import Stage, wait_until


@dataclass(frozen=True)
class Figures:
    """What was counted."""

    messages: int
    cut: int
    given_up: int
    lines: int
    printed_again: int
    marked: int
    media: int
    torn: int
    warnings: int

    def __str__(self) -> str:
        """Return one line for people."""
        cut = f", and {self.cut} cut beginnings of some" if self.cut else ""
        if self.given_up:
            cut += f", {self.given_up} given up with answers that came three times alike"
        return (
            f"{self.messages} messages, each once in the journal{cut}; {self.lines} lines printed,"
            f" {self.printed_again} of them again, {self.marked} marked redelivered, {self.torn} torn;"
            f" {self.media} media lines; {self.warnings} lines on stderr"
        )


def await_end(stage: Stage, feed: Feed) -> None:
    """Wait until the platform knows that all is safe, and all of it is printed."""
    wait_until(lambda: feed.waiting == 0, "everything is confirmed")
    wait_until(lambda: is_all_printed(stage.journal), "everything is printed")


def is_all_printed(journal: Path) -> bool:
    """Return whether the output has passed everything in a journal."""
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True, timeout=30)) as db:
        (last,) = db.execute("SELECT max(seq) FROM entry").fetchone()
        row = db.execute("SELECT position FROM output").fetchone()
    return row is not None and row[0] == last


def check(stage: Stage, feed: Feed, *, most_warnings: int) -> Figures:
    """Compare what was sent with what the journal holds and with what was printed.

    Raises:
        AssertionError: something is lost, doubled, or not marked; or stderr was flooded.
    """
    assert feed.waiting == 0, f"{feed.waiting} messages are not confirmed"
    kept, cut = kept_ids(stage.journal)
    names = Counter({name: len(ids) for name, ids in kept.items()})
    lost, doubled = feed.sent - names, names - feed.sent
    given_up = lost.total()
    assert given_up <= _most_given_up(stage.journal), f"{given_up} lost {sorted(lost)[:5]}"
    assert not doubled, f"{doubled.total()} too many {sorted(doubled)[:5]}"
    events, media, torn = read_lines(stage.out)
    again = check_repeats(events)
    unprinted = {*cut, *(event_id for ids in kept.values() for event_id in ids)} - {
        event["id"] for event in events
    }
    assert not unprinted, f"{len(unprinted)} events were never printed, such as {sorted(unprinted)[:3]}"
    assert is_all_printed(stage.journal), "the position is not at the end"
    warnings = stage.errors.read_text().splitlines()
    assert "Traceback" not in "\n".join(warnings), "\n".join(warnings)[-3000:]
    assert len(warnings) <= most_warnings, "\n".join(warnings[-20:])
    marked = sum(event["redelivered"] for event in events)
    return Figures(
        names.total(), len(cut), given_up, len(events), again, marked, len(media), torn, len(warnings)
    )


def read_lines(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Return the events and media lines of an output, and how many lines a kill tore."""
    events: list[dict[str, Any]] = []
    media: list[dict[str, Any]] = []
    torn = 0
    for line in path.read_bytes().split(b"\n"):
        if not line:
            continue
        try:
            event = json.loads(line)
        except ValueError:
            torn += 1
            continue
        if event["type"] != "reader":
            (media if event["type"] == "media" else events).append(event)
    return events, media, torn


def check_repeats(events: list[dict[str, Any]]) -> int:
    """Check that what is printed again says so; return how often that was."""
    seen: set[str] = set()
    again = 0
    for event in events:
        if event["id"] in seen:
            again += 1
            assert event["redelivered"] is True, f"{event['id']} is printed again and not marked"
        seen.add(event["id"])
    return again


def kept_ids(journal: Path) -> tuple[dict[str, list[str]], list[str]]:
    """Return the ids of the journal's events by the identity of their message, and those of cut beginnings.

    An answer that was cut off three times alike counts as whole, and the row in which it ends as an event. Where its
    batch has no id that can be read, the message itself comes later: it counts, and must be there as well.
    """
    kept: dict[str, list[str]] = {}
    cut: list[str] = []
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        for event_id, kind, raw, body in db.execute(
            "SELECT id, type, raw, body FROM entry WHERE raw IS NOT NULL ORDER BY seq"
        ):
            if kind == "unreadable" and END_OF_ANSWER in body:
                cut.append(event_id)
                continue
            name = name_in(raw)
            assert name is not None, f"an event nobody sent: {raw[:200]}"
            kept.setdefault(name, []).append(event_id)
    return kept, cut


def _most_given_up(journal: Path) -> int:
    """Return how many messages may be missing: those behind the end of answers that came three times alike.

    Such an answer counts as all that the platform has, so its batch is confirmed; an event tells where it ends.
    """
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
        batches = db.execute(
            "SELECT count(*) FROM entry JOIN batch ON batch.seq=entry.batch WHERE batch.id IS NOT NULL AND entry.batch"
            " IN (SELECT batch FROM entry WHERE type='unreadable' AND instr(body, ?)) GROUP BY entry.batch",
            (END_OF_ANSWER,),
        ).fetchall()
    return sum(LARGEST_BATCH - (kept - 1) for (kept,) in batches)
