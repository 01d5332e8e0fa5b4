"""Tasks of the platform that take time: `Settings.task_seconds` from beginning to end."""

from hpcli.sandbox.http.calls import Call


def share_done(call: Call, started: float) -> float:
    """Return how much of a task that began at `started` is done, from 0 to 1."""
    length = call.settings.task_seconds
    if length <= 0:
        return 1.0
    return min(1.0, max(0.0, (call.now - started) / length))
