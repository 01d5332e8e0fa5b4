"""Show long tables in a pager such as `less`; the config key `pager` sets it."""

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
    """Start a pager and yield its input stream; at the end, wait until the user leaves it.

    Args:
        command: program and arguments, as a shell would split them.
        environment: environment variables, passed on without those of hpcli; a default for LESS makes it show colours
            and quit if the text fits.

    Raises:
        LocalError: the pager cannot be started.
    """
    import shlex
    import subprocess

    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own program, as with git
            shlex.split(command), stdin=subprocess.PIPE, env={"LESS": "FRX", **without_own(environment)}
        )
    except (OSError, ValueError) as error:
        raise LocalError(
            f"The pager '{command}' cannot be started: {getattr(error, 'strerror', None) or error}.",
            hint="To use no pager, run `hpcli config set pager none`.",
        ) from error
    assert process.stdin is not None  # it is a pipe
    stream = io.TextIOWrapper(process.stdin, encoding="utf-8", newline="\n")
    try:
        yield stream
    finally:
        with contextlib.suppress(OSError):  # the user left the pager before the end
            stream.close()
        _wait(process)


def without_own(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for another program, without the variables of hpcli: some hold secrets."""
    return {name: value for name, value in environment.items() if not name.upper().startswith("HPCLI_")}


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end; while the pager runs, Ctrl-C is for the pager."""
    while process.poll() is None:
        with contextlib.suppress(KeyboardInterrupt):
            process.wait()
