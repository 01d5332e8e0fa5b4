"""States in colour, with a shape that survives without colour."""

from typing import NamedTuple


class Tone(NamedTuple):
    """A shape to stand before a state and a Rich style to print both in."""

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
    """Put a tone's shape before a state: `● online`."""
    return f"{TONES[tone].shape} {word}"


def paint(text: str, style: str, *, color: bool) -> str:
    """Colour a text that is safe to print.

    Args:
        text: one line.
        style: a tone or a Rich style such as `bold red`.
        color: whether to do it at all.
    """
    if not color or not text:
        return text
    from rich.color import ColorSystem
    from rich.style import Style

    known = TONES.get(style)
    # The sixteen colours of the terminal's own theme: readable on dark and on light ones.
    return Style.parse(known.style if known else style).render(text, color_system=ColorSystem.STANDARD)
