"""What the verbs of `hpcli sandbox` share."""

from pathlib import Path
from typing import Annotated

import typer

StateFile = Annotated[Path | None, typer.Option("--state", help="File that holds its state.", metavar="FILE")]


def spare_camera(file: Path) -> str:
    """Tell the verification code of a device that can be added; nothing once it was."""
    from hpcli.sandbox import NEW_DEVICE, control, verification_code

    if not control.can_be_added(file, NEW_DEVICE):
        return ""
    return f"Camera {NEW_DEVICE} can be added; its verification code is {verification_code(NEW_DEVICE)}."
