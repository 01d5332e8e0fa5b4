"""Runs Python code in a process forked by fork_server.py, which has imported hpcli: `sys.argv[1]` is the code."""

from __future__ import annotations

import os
import sys
import threading
import traceback


def main() -> None:
    """Run the code as `python -c` would: wait for its threads, then end."""
    code, sys.argv[:2] = sys.argv[1], ["-c"]
    exit_code = 0
    try:
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
    except BaseException:  # noqa: BLE001 - Python's own boundary
        traceback.print_exc()
        exit_code = 1
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    sys.stdout.flush()
    os._exit(exit_code)
