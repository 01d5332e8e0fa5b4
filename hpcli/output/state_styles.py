"""States with a colour, and a shape for output without colour."""

from typing import NamedTuple


class Tone(NamedTuple):
    """A shape to print before a state, and a Rich style for both."""

    shape: str
    style: str


TONES = {
    "good": Tone("●", "green"),
    "warn": Tone("▲", "yellow"),
    "bad": Tone("✖", "red"),
    "off": Tone("○", "red"),
    "unknown": Tone("?", "yellow"),
    "quiet": Tone("·", "dim"),
}


def state(word: str, tone: str) -> str:
    """Put the shape of a tone before a state: `● online`."""
    return f"{TONES[tone].shape} {word}"


def paint(text: str, style: str, *, color: bool) -> str:
    """Colour a text that is safe to print.

    Args:
        text: one line.
        style: a tone or a Rich style such as `bold red`.
        color: if false, return the text unchanged.
    """
    if not color or not text:
        return text
    from rich.color import ColorSystem
    from rich.style import Style

    known = TONES.get(style)
    # The sixteen colours of the terminal's theme, readable on dark and light backgrounds.
    return Style.parse(known.style if known else style).render(text, color_system=ColorSystem.STANDARD)
