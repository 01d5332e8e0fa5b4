"""The standard streams of a run: UTF-8, and never missing."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO, cast


def open_stream(stream: TextIO | None, mode: str) -> TextIO:
    """Return the stream as UTF-8 with unchanged line ends; a closed one (`>&-`) becomes the null device."""
    if stream is None:
        return cast("TextIO", Path(os.devnull).open(mode, encoding="utf-8"))
    if isinstance(stream, io.TextIOWrapper) and mode == "w":
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    elif isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="strict")
    return stream


def has_color(stream: TextIO, wanted: str, environment: Mapping[str, str]) -> bool:
    """Return whether text on a stream is coloured, by `--color` and the environment."""
    if wanted != "auto":
        return wanted == "always"
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
