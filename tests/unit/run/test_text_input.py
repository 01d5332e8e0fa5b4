"""The bytes of texts as editors and spreadsheets save them."""

from __future__ import annotations

import codecs

import pytest

from hpcli.errors import UsageError
from hpcli.run.text_input import decode_lenient, decode_text, read_lines

TEXT = "serial;code;site\r\nK77120045;ABCDEF;Bäckerei Grünwald – “Süd” €\r\n"


def lenient(content: bytes) -> tuple[str, list[str]]:
    told: list[str] = []
    return decode_lenient(content, "CSV file", ": devices.csv", told.append), told


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_read_without_a_word(encoding: str) -> None:
    assert lenient(TEXT.encode(encoding)) == (TEXT, [])


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_utf16_in_either_byte_order_has_its_mark(mark: bytes) -> None:
    encoding = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    content = mark + TEXT.encode(encoding)
    assert (lenient(content)[0], decode_text(content, "list", "")) == (TEXT, TEXT)


def test_windows_1252_is_read_and_said() -> None:
    text, told = lenient(TEXT.encode("cp1252"))
    assert (text, len(told), "cp1252" in told[0]) == (TEXT, 1, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04...", "is an Excel workbook"),
        (codecs.BOM_UTF8 + b"a\r\nb\xff", "damaged at line 2, column 2"),
        ("ä,ö,ü\nä".encode() + b"\xff", "damaged at line 2, column 2"),
        (codecs.BOM_UTF16_LE + b"a\0b", "is damaged."),
        (b"a\rb\rx\x81", "neither UTF-8, UTF-16 nor Windows-1252 text; see line 3, column 2"),
    ],
)
def test_what_is_none_of_these_is_refused_with_its_place(content: bytes, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        lenient(content)
    assert said in caught.value.message


def test_what_is_read_strictly_is_not_guessed() -> None:
    with pytest.raises(UsageError, match="on stdin is not UTF-8 text"):
        decode_text("ä".encode("cp1252"), "body", " on stdin")


def test_lines_end_with_cr_lf_or_both_and_ctrl_z_ends_the_last() -> None:
    assert list(read_lines("a\rb\r\n c \nd\u2028e\n\x1a", "list")) == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
        (4, "d\u2028e"),
        (5, ""),
    ]


@pytest.mark.parametrize("letter", ["\0", "\t", "\x0b", "\x1a", "\x7f", "\x85"])
def test_a_control_character_in_a_line_is_told_by_its_place(letter: str) -> None:
    with pytest.raises(UsageError, match="Line 2, column 3 of the list"):
        list(read_lines(f"a\nbc{letter}d\n", "list"))
