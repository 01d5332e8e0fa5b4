"""The soak in a minute: what `python -m tests.soak.alarms` does for as long as you like."""

from __future__ import annotations

import json
import random
import sys
from functools import partial
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("the soak uses pipes, limits and signals of Linux", allow_module_level=True)

from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.journal.batches import keep_batch
from hpcli.alarms.journal.rows import make_batch
from hpcli.alarms.journal.writer import Journal
from hpcli.client.queue_answer import Batch
from tests.soak import clock, dead_readers, endings, faults, forwarding, kills, picture_faults, scarcity
from tests.soak.alarms import WHILE_KILLING, Scenario, sum_up
from tests.soak.stage import Stage
from tests.soak.verdict import kept_ids
from tests.support.alarm_messages import RECEIVED

SHORT: dict[str, Scenario] = {
    "kills": partial(kills.kill_at_random, kills=7, messages=1200),
    "kills and faults": partial(kills.kill_at_random, kills=5, messages=600, faults=WHILE_KILLING),
    "kills in a line": partial(kills.kill_in_a_line, kills=2),
    "all faults": partial(faults.every_fault_at_once, messages=400),
    "platform away": partial(faults.platform_away, times=1, messages=300),
    "signals": partial(endings.end_by_signals, times=3, messages=600),
    "closed stdout": partial(endings.close_stdout, times=2),
    "suspended": partial(endings.suspend, times=3, messages=600),
    "blocked outputs": partial(endings.block_outputs, messages=600),
    "full stderr": partial(endings.fill_stderr, messages=100),
    "blocked stderr": partial(endings.block_stderr, messages=100),
    "no room": partial(
        scarcity.fill_disk if scarcity.can_mount() else scarcity.limit_files, times=1, messages=3500
    ),
    "dead readers": partial(dead_readers.kill_readers, kills=2, messages=40),
    "clock": partial(clock.jump, messages=320),
    "forwarding": partial(forwarding.kill_at_random, seconds=1.0),
    "pictures": partial(picture_faults.fetch_pictures, messages=60, kills=2, share=0.02),
}


@pytest.mark.parametrize("name", SHORT)
def test_nothing_is_lost_and_repeats_are_marked(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stage, "starts_python", False)
    SHORT[name](tmp_path / "stage", random.Random(name))


def test_the_cut_beginning_of_a_message_is_no_second_one(journal: Journal) -> None:
    row = '{"deviceSerial":"Q10254801","alarmData":"soak-0000007 and more"}'
    cut = Batch(None, [], is_whole=False, rest=row[:60]).with_rest()
    for batch in (cut, Batch("b", [json.loads(row)])):
        rows = make_batch(batch.messages, Receipt(RECEIVED), batch.problems, print)
        journal.write(partial(keep_batch, batch_id=batch.id, rows=rows, now=0, wants_pictures=False))
    assert journal.path is not None
    kept, beginnings = kept_ids(journal.path)
    assert [len(ids) for ids in kept.values()] == [len(beginnings)] == [1]


def test_the_counts_of_all_scenarios_are_added_up() -> None:
    lines = [
        "kills (8 s): 10 kills; {}: 1053 messages, each once in the journal; 1953 lines printed, 900 of them again",
        "reset (2 s): reset 30%: 79 messages, each once in the journal; 79 lines printed, 0 of them again",
    ]
    assert sum_up(lines).startswith(
        "2 scenarios held: 10 kills, 0 dead consumers, 1132 messages, 2032 lines printed, 900"
    )
