"""What is said and kept of a job that did not come to its end."""

from __future__ import annotations

import signal
from types import SimpleNamespace
from typing import Any

import pytest

from hpcli.run.job import Job
from hpcli.run.rest import keep_rest


@pytest.mark.parametrize(("is_interrupted", "lines"), [(True, 1), (False, 0)])
def test_what_the_same_command_finds_again_is_not_kept_in_a_file(
    is_interrupted: bool,  # noqa: FBT001 - a parameter of the test
    lines: int,
) -> None:
    job = Job(keeps_rest=False)
    for target in ("a", "b"):
        job.expect(target)
    job.begin("a")
    job.end("a")
    if is_interrupted:
        job.stop.signal = signal.SIGINT
    told: list[dict[str, Any]] = []
    run: Any = SimpleNamespace(
        job=job,
        settings={"dry-run": False},
        messages=SimpleNamespace(rest=lambda text, _hint, **counts: told.append({"text": text, **counts})),
    )
    assert keep_rest(run) is is_interrupted
    assert len(told) == lines
    if told:
        assert told[0] == {
            "text": "Interrupted: 1 of 2 done, 0 unknown, 1 left.", "done": 1, "unknown": 0, "left": 1, "file": None,
        }  # fmt: skip
