"""How long a server asks to wait (RFC 9110 §10.2.3): what is in one of its forms counts, and nothing else."""

from __future__ import annotations

import pytest
from requests.structures import CaseInsensitiveDict

from hpcli.client.answers import Answer
from hpcli.client.retries import retry_after
from hpcli.parse import parse_exact_http_date

SENT = "Sun, 06 Nov 1994 08:49:00 GMT"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 37),
        ("Sun Nov  6 08:49:37 1994", 37),
        ("Tue Nov 15 08:49:00 1994", None),  # more than a week
        ("Sun, 06 Nov 1994 08:49:60 GMT", 60),  # a leap second
        ("Wed, 21 Oct 1992 07:28:00 GMT", 0),
    ],
)
def test_retry_after_is_seconds_or_one_of_the_three_forms_of_a_date(text: str, seconds: int | None) -> None:
    headers = CaseInsensitiveDict({"retry-after": text, "date": SENT})
    assert retry_after(Answer(429, headers, b"", "")) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "9" * 400, "-5", "+5", "1.5", "1e3", "0x10", "²", "7, 8", "7 s", "nan",
        "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 EST", "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49:37 +0900", "Sun, 06 Nov 1994 08:49:37 -9999", "Sun, 06 Nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 08:49:37 GMT+1", "Sun, 06 Nov 1994 08:49:37 MST7MDT", "Sun, 06 Nov 1994 08:49 GMT",
        "06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT", "Fri, 31 Dec 9999 23:59:60 GMT", "Wed, 21 Oct 99999 07:28:00 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 06 08:49:37 1994 GMT", "1994-11-06T08:49:37Z",
    ],
)  # fmt: skip
def test_an_odd_retry_after_counts_for_nothing(text: str) -> None:
    assert retry_after(Answer(429, {"Retry-After": text, "Date": SENT}, b"", "")) is None


@pytest.mark.parametrize(("year", "full"), [("94", 1994), ("30", 2030), ("00", 2000)])
def test_a_year_of_two_digits_is_at_most_fifty_years_ahead(year: str, full: int) -> None:
    moment = parse_exact_http_date(f"Sunday, 06-Nov-{year} 08:49:37 GMT")
    assert moment is not None
    assert moment.year == full
