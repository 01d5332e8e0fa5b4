"""Break texts into lines at blanks; widths count terminal cells."""

from collections.abc import Iterable

Piece = tuple[str, str | None]
"""A text and its style."""

_BREAKS_AFTER = "/-_.,:;"


def wrap_text(text: str, room: int) -> list[str]:
    """Return a text as lines; a word longer than a line is not broken."""
    return ["".join(text for text, _ in line) for line in _wrap([(text, None)], room)]


def wrap_pieces(pieces: Iterable[Piece], room: int) -> list[list[Piece]]:
    """Return texts, one after the other, as lines of pieces; a word longer than a line is broken where it must be."""
    short = [(" ".join(_broken(word, room) for word in text.split(" ")), style) for text, style in pieces]
    return _wrap(short, room)


def _wrap(pieces: Iterable[Piece], room: int) -> list[list[Piece]]:
    from rich.cells import cell_len

    lines: list[list[Piece]] = [[]]
    used = 0
    for text, style in pieces:
        for word in text.split(" "):
            size = cell_len(word)
            if lines[-1] and used + 1 + size <= room:
                lines[-1] = _joined(lines[-1], word, style)
                used += 1 + size
            else:
                lines = [*lines, [(word, style)]] if lines[-1] else [*lines[:-1], [(word, style)]]
                used = size
    return lines


def _joined(line: list[Piece], word: str, style: str | None) -> list[Piece]:
    """Add a word to a line; words of one style are one piece."""
    text, former = line[-1]
    if former == style:
        return [*line[:-1], (f"{text} {word}", style)]
    return [*line, (f" {word}", style)]


def _broken(word: str, room: int) -> str:
    """Put blanks into a word that is longer than a line: after a slash or the like, else anywhere."""
    from rich.cells import cell_len

    if cell_len(word) <= room:
        return word
    parts: list[str] = []
    while cell_len(word) > room:
        end = _fitting(word, room)
        good = max((place + 1 for place in range(end) if word[place] in _BREAKS_AFTER), default=0)
        parts.append(word[: good or end])
        word = word[good or end :]
    return " ".join([*parts, *([word] if word else [])])


def _fitting(word: str, room: int) -> int:
    """Return how many letters of a word fit, at least one."""
    from rich.cells import cell_len

    end, used = 0, 0
    for letter in word:
        used += cell_len(letter)
        if used > room:
            break
        end += 1
    return max(1, end)
