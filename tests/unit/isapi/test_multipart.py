"""Answers in several parts, as devices write them: events, and a picture a part."""

from __future__ import annotations

import pytest

from hpcli.isapi.messages import to_plain
from hpcli.isapi.multipart import split_multipart

JPEG = b"\xff\xd8\xff\xe0\r\n--MIME_boundaryless\r\n\xff\xd9"
PARTS = (
    b"--MIME_boundary\r\nContent-Type: application/json\r\nContent-Length: 480\r\n\r\n"
    b'{"AcsEvent":{"InfoList":[{"filename":"picture1"}]}}\r\n'
    b'--MIME_boundary\r\nContent-Disposition: form-data; filename="picture1"; //Picture data\r\n'
    b"Content-Type:image/jpeg\r\nContent-Length:12345\r\n\r\n" + JPEG + b"\r\n--MIME_boundary--\r\n"
)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=MIME_boundary",
        'multipart/mixed; boundary="other"',
        "application/json",
        "",
    ],
)
def test_parts_are_split_whatever_the_header_says(content_type: str) -> None:
    events, picture = split_multipart(PARTS, content_type)
    assert to_plain(events.content)["AcsEvent"]["InfoList"] == [{"filename": "picture1"}]
    assert (picture.content_type, picture.filename, picture.content) == ("image/jpeg", "picture1", JPEG)


def test_parts_with_bare_line_feeds_and_no_end_are_split() -> None:
    body = PARTS.replace(b"\r\n", b"\n").removesuffix(b"\n--MIME_boundary--\n")
    events, picture = split_multipart(body)
    assert events.content_type == "application/json"
    assert picture.content == JPEG.replace(b"\r\n", b"\n")


@pytest.mark.parametrize(
    "end",
    ["", "\r\n", "\n", "\r\n\r\n", "\r\n-", "\r\n--", "\r\n--MIME", "\r\n--MIME_boundary", "\n--MIME_boundary-",
     "\r\n--MIME_boundary--", "\r\n--MIME_boundary--\r\n", "\r\n --MIME_boundary-- \r\n"],
    ids=repr,
)  # fmt: skip
def test_a_picture_ends_before_a_boundary_that_is_missing_or_cut_off(end: str) -> None:
    body = PARTS.removesuffix(b"\r\n--MIME_boundary--\r\n") + end.encode()
    for content_type in ("multipart/form-data; boundary=MIME_boundary", ""):
        assert split_multipart(body, content_type)[1].content == JPEG


@pytest.mark.parametrize("tail", [b"\r", b"--MIME", b"\r\n--other", b"\r\n--MIME_boundaryx", b"\nx"])
def test_what_is_no_part_of_a_boundary_belongs_to_the_picture(tail: bytes) -> None:
    body = PARTS.removesuffix(b"\r\n--MIME_boundary--\r\n") + tail
    assert split_multipart(body)[1].content == JPEG + tail


def test_parts_without_headers_keep_their_bytes() -> None:
    body = b"--q\r\n\r\nplain\r\n--q\r\n\xff\xd8: binary\r\n\r\nrest\r\n--q--"
    contents_of_parts = [part.content for part in split_multipart(body, "multipart/mixed; boundary=q")]
    assert contents_of_parts == [b"plain", b"\xff\xd8: binary\r\n\r\nrest"]


@pytest.mark.parametrize("body", [b"", b"{}", b"--", b"--\xff\xd8", b"--only a line\r\n"])
def test_an_answer_of_one_piece_is_one_part(body: bytes) -> None:
    (part,) = split_multipart(body, "application/json; charset=utf-8")
    assert (part.content_type, part.content) == ("application/json", body)
