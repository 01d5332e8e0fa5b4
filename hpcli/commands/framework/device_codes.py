"""Verification codes of devices: from stdin or a file, never from an argument."""

from __future__ import annotations

from typing import Final

from hpcli.errors import UsageError
from hpcli.parse import parse_serial
from hpcli.run.context import Context

IN_ARGUMENT: Final = "Other users of this computer can read a verification code in an argument."


def check_source(codes: str, hint: str) -> None:
    """Refuse a value of `--codes` that is neither `-` nor `@FILE`.

    Raises:
        UsageError: it is a code.
    """
    if codes != "-" and not codes.startswith("@"):
        raise UsageError(IN_ARGUMENT, hint=hint)


def read_codes(ctx: Context, source: str) -> dict[str, str]:
    """Return the verification codes of a text with one SERIAL:CODE a line, split at the first colon.

    Raises:
        UsageError: a line has another form; the message gives its number but does not quote it.
    """
    codes: dict[str, str] = {}
    for number, line in ctx.inputs.read_lines(source, "verification codes"):
        if not line or line.startswith("#"):
            continue
        serial, colon, code = line.partition(":")
        if not colon or not code:
            raise UsageError(f"Line {number} of the verification codes is not SERIAL:CODE.")
        if parse_serial(serial) in codes:
            raise UsageError(f"Line {number} of the verification codes repeats {serial}.")
        codes[parse_serial(serial)] = code.strip()
    return codes
