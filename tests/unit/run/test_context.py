"""What a run is given, its commands use."""

from __future__ import annotations

import io
import os

from hpcli.cli import main
from hpcli.run.context import Run
from tests.support.platform_server import Platform


def test_the_waits_between_calls_are_those_of_the_run(platform: Platform) -> None:
    waits: list[float] = []
    for _ in range(8):  # more than the account may make at once
        run = Run(
            {**os.environ, **platform.environment},
            io.StringIO(),
            io.StringIO(),
            io.StringIO(),
            sleep=waits.append,
        )
        assert main(["site", "list"], run) == 0
    assert waits
