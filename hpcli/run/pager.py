"""The program that shows long tables, `less` say; the config key `pager` names it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TextIO

from hpcli.errors import LocalError

if TYPE_CHECKING:
    import subprocess


@contextlib.contextmanager
def open_pager(command: str, environment: Mapping[str, str]) -> Iterator[TextIO]:
    """Start a pager and give the stream that it shows; at the end wait until the person leaves it.

    Args:
        command: program and arguments, as a shell would split them.
        environment: variables. LESS, where nothing sets it: leave at once what fits, show colours.

    Raises:
        LocalError: it cannot be started.
    """
    import shlex
    import subprocess

    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own choice, as with git
            shlex.split(command), stdin=subprocess.PIPE, env={"LESS": "FRX", **environment}
        )
    except (OSError, ValueError) as error:
        raise LocalError(
            f"The pager '{command}' cannot be started: {getattr(error, 'strerror', None) or error}.",
            hint="`hpcli config set pager none` does without.",
        ) from error
    assert process.stdin is not None  # it is a pipe
    stream = io.TextIOWrapper(process.stdin, encoding="utf-8", newline="\n")
    try:
        yield stream
    finally:
        with contextlib.suppress(OSError):  # the person left it before the end
            stream.close()
        _wait(process)


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end; Ctrl-C is the pager's as long as it runs."""
    while process.poll() is None:
        with contextlib.suppress(KeyboardInterrupt):
            process.wait()
