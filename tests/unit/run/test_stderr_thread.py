"""Lines for stderr that another thread writes."""

from __future__ import annotations

from hpcli.run.stderr_thread import StderrThread


def test_lines_are_written_before_the_end_and_dropped_after_it() -> None:
    written: list[str] = []
    notices = StderrThread(written.append)
    for line in ("one", "two"):
        notices.warn(line)
    assert notices.close(60)
    notices.warn("The connection was closed.")
    assert notices.close(60)
    assert written == ["one", "two"]


def test_a_line_after_the_end_starts_no_thread() -> None:
    written: list[str] = []
    notices = StderrThread(written.append)
    assert notices.close(60)
    notices.warn("The connection was closed.")
    assert notices._thread is None
    assert written == []
