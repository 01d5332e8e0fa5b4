"""XML of devices: hostile, careless, and back to text."""

from collections.abc import Callable

import pytest

from hpcli.isapi.xml import MAX_CHARACTERS, MAX_DEPTH, XmlError, XmlRefusedError, parse_xml, to_text

LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><lolz>&j;</lolz>"
)


@pytest.mark.parametrize(
    "make",
    [
        lambda: LAUGHS,
        lambda: '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        lambda: '<!DOCTYPE a SYSTEM "http://127.0.0.1/evil.dtd"><a/>',
        lambda: '<?xml version="1.0"?>\n<!-- innocent -->\n<!DOCTYPE a><a/>',
        lambda: "<a>" * (MAX_DEPTH + 1) + "</a>" * (MAX_DEPTH + 1),
        lambda: "<a>" * 200_000 + "</a>" * 200_000,
        lambda: "<a>" + "x" * MAX_CHARACTERS + "</a>",
    ],
    ids=["laughs", "file", "dtd", "late doctype", "deep", "very deep", "big"],
)
def test_hostile_xml_is_refused(make: Callable[[], str]) -> None:
    document = make()
    with pytest.raises(XmlRefusedError):
        parse_xml(document)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_doctype_does_not_hide_in_another_encoding(codec: str) -> None:
    with pytest.raises(XmlRefusedError):
        parse_xml(LAUGHS.encode(codec))


def test_a_doctype_in_a_comment_or_text_is_no_doctype() -> None:
    assert parse_xml("<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE b>]]></a>").text == "<!DOCTYPE b>"


@pytest.mark.parametrize(
    "document", ["", "text", "<a>", "<a/><b/>", "<a>&x;</a>", "<a b=1/>", b"\xff\xd8\xff\xe0"]
)
def test_malformed_xml_is_an_error_of_its_own(document: str | bytes) -> None:
    with pytest.raises(XmlError):
        parse_xml(document)


@pytest.mark.parametrize(
    "document",
    [
        '<?xml version="1.0" encoding="gb2312"?><a>大门</a>'.encode(),
        '<?xml version="1.0" encoding="gb2312"?><a>大门</a>'.encode("gb2312"),
        '<?xml version="1.0" encoding="GBK"?><a>大门</a>'.encode("gbk"),
        '<?xml version="1.0" encoding="gb2312"?><a>大门</a>',
        '<?xml version="1.0" encoding="nonsense"?><a>大门</a>'.encode(),
        "\ufeff\r\n <a>大门</a>\n\x00",
        "\ufeff<a>大门</a>".encode("utf-16"),
    ],
    ids=["label lies", "gb2312", "gbk", "text", "unknown label", "padding", "utf-16"],
)
def test_encodings_and_padding_of_devices_are_tolerated(document: str | bytes) -> None:
    assert parse_xml(document).text == "大门"


def test_a_broken_character_costs_only_itself() -> None:
    assert parse_xml(b"<a>Hall\x01 \xc3(</a>").text == "Hall\ufffd \ufffd("


def test_to_text_escapes_what_would_not_come_back() -> None:
    root = parse_xml('<a b="&quot;&amp;&#10;" xmlns:q="urn:q" q:c="d">&lt;&#13;</a>')
    again = parse_xml(to_text(root))
    assert (again.text, again.attrib) == (root.text, root.attrib)
