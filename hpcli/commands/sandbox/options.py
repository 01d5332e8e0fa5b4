"""Code shared by the verbs of `hpcli sandbox`."""

from pathlib import Path
from typing import Annotated

import typer

StateFile = Annotated[
    Path | None, typer.Option("--state", help="File with the sandbox's state.", metavar="FILE")
]


def spare_camera(file: Path) -> str:
    """Return a sentence with the verification code of a device that can be added; empty once it was."""
    from hpcli.sandbox import NEW_DEVICE, control, verification_code

    if not control.can_be_added(file, NEW_DEVICE):
        return ""
    return f"You can add camera {NEW_DEVICE}; its verification code is {verification_code(NEW_DEVICE)}."
