"""`hpcli demo`: a two-minute tour of the main jobs on the sandbox."""

import shlex
import signal
import subprocess
import sys

from hpcli.commands.framework.family import Single
from hpcli.errors import ExitCode, HpcliError, InterruptedByUserError, LocalError, OutputClosedError
from hpcli.run.context import Context
from hpcli.run.settings import ACCOUNT_VARIABLES, SANDBOX

TOUR = (
    ("Your customers' sites.", ("site", "list")),
    ("The devices of one site.", ("device", "list", "--site", "Bäckerei Grünwald")),
    ("Ask a device directly, over ISAPI, the vendor's own protocol.",
     ("device", "isapi", "GET", "/ISAPI/System/deviceInfo")),
    ("A burglar breaks in; the picture is encrypted with the camera's key.",
     ("sandbox", "trigger", "burglary", "--picture", "device")),
    ("A person crosses a line.", ("sandbox", "trigger", "line-crossing")),
    ("A device loses its connection.", ("sandbox", "trigger", "device-offline")),
    ("A card opens a door.", ("sandbox", "trigger", "door")),
    ("The burglary is over.", ("sandbox", "trigger", "burglary-restored")),
    ("Follow the alarms, with their pictures decrypted.",
     ("alarms", "tail", "--decrypt", "--limit", "6", "--for", "20s")),
    ("Look up what codes mean.", ("explain", "EVZ20007", "1103")),
)  # fmt: skip

_MARKS = " !! is critical, ! high, ✓ over, ▣ has pictures."
"""What a terminal shows; elsewhere events are rows with words."""


def take_tour(ctx: Context) -> None:
    """Take a two-minute tour on the sandbox.

    Prints each command before its output. Nothing leaves this computer. While a tail
    reads the sandbox's alarms, the tour ends with exit code 11.

    $ hpcli demo
    """
    _check_free(ctx)
    for number, (sentence, words) in enumerate(TOUR, 1):
        marks = _MARKS if words[:2] == ("alarms", "tail") and ctx.run.stdout.isatty() else ""
        shown = shlex.join(["hpcli", *words, "--profile", "sandbox"])
        ctx.show_text(f"\n{number}. {sentence}{marks}\n$ {shown}")
        _run(ctx, [*words, "--profile", "sandbox"])
    ctx.show_text(
        "\nThat was the sandbox. To use your own key, run `hpcli auth login`;\n`hpcli --help` lists the rest."
    )


def _check_free(ctx: Context) -> None:
    """Refuse the tour while a tail reads the sandbox's alarms: the tour could not show them.

    Raises:
        LocalError: one does.
    """
    from hpcli.alarms.tail.reader_lock import find_reader

    reader = find_reader(ctx.run.session_of(SANDBOX).alarms_folder)
    if reader is not None:
        raise LocalError(
            f"hpcli with pid {reader.pid} is reading the sandbox's alarms, which the tour shows.",
            hint="Stop it first, or take the tour in a folder of its own: HPCLI_STATE_DIR=$(mktemp -d) hpcli demo",
        )


def _run(ctx: Context, words: list[str]) -> None:
    """Run one command on this terminal."""
    ctx.run.stdout.flush()
    program = [sys.executable, "-m", "hpcli", *words]
    # It only uses the sandbox, so no key of an account goes with it.
    environment = {k: v for k, v in ctx.run.environment.items() if k not in ACCOUNT_VARIABLES}
    done = subprocess.run(program, env=environment, check=False)  # noqa: S603 - our own program
    if done.returncode == ExitCode.CLOSED:
        raise OutputClosedError("The output was closed by its reader.")
    if done.returncode == ExitCode.INTERRUPTED:
        raise InterruptedByUserError("Interrupted.")
    if done.returncode == -signal.SIGINT:
        raise KeyboardInterrupt
    if done.returncode != 0:
        raise HpcliError(f"`hpcli {words[0]} {words[1]}` ended with exit code {done.returncode}.")


app = Single("demo:take_tour")
