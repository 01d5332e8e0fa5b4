"""The tour on the sandbox."""

import shlex

from hpcli.commands.demo import TOUR


def test_what_the_tour_says_fits_80_columns() -> None:
    said = [
        line
        for number, (sentence, words) in enumerate(TOUR, 1)
        for line in (f"{number}. {sentence}", shlex.join(["$", "hpcli", *words, "--profile", "sandbox"]))
    ]
    assert [line for line in said if len(line) > 80] == []
