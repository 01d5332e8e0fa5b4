"""Files of a document: what people write in YAML, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hpcli.errors import UsageError
from hpcli.fleet.files import ARCHIVE, JSON, WORKBOOK, YAML, decode, encode, kind_of
from tests.support.archives import damaged

HEAD = "format: hpcli-fleet\nversion: 1\nsites:\n"
DOCUMENT: dict[str, Any] = {
    "format": "hpcli-fleet",
    "version": 1,
    "sites": [
        {
            "name": "=1+1 — Ø 東 \u2028",
            "timeZone": 133,
            "customers": [{"account": "+4989", "permissions": {"123456789": {"live": [1], "77": "all"}}}],
            "devices": [{"serial": "123456789", "name": "no", "info": "2026-01-01", "arc": None}],
        }
    ],
}


@pytest.mark.parametrize("kind", [JSON, YAML, ARCHIVE])
def test_a_document_comes_back_as_it_was(kind: str) -> None:
    assert decode(encode(DOCUMENT, kind), kind, "fleet") == DOCUMENT


@pytest.mark.parametrize(
    ("text", "name"),
    [("no", "no"), ("2026-01-01", "2026-01-01"), ("007", "007"), ("12", "12"), ("1e3", "1e3")],
)
def test_words_in_yaml_are_not_turned_into_other_things(text: str, name: str) -> None:
    assert decode(f"{HEAD}- name: {text}\n".encode(), YAML, "fleet")["sites"][0]["name"] == name


def test_a_phone_number_without_quotes_keeps_its_plus() -> None:
    text = f"{HEAD}- name: A\n  customers:\n  - account: +498955501200\n"
    assert decode(text.encode(), YAML, "fleet")["sites"][0]["customers"][0]["account"] == "+498955501200"


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (f"{HEAD}- name: A\n  name: B\n".encode(), YAML, "the key 'name' twice"),
        (b"a: [", YAML, "is not valid YAML"),
        (b"\xff\xfe", YAML, "not UTF-8"),
        (b"a: !!python/object/apply:os.system [ls]", YAML, "is not valid YAML"),
        (b"PK", ARCHIVE, "not an archive"),
        (b"PK", WORKBOOK, "a workbook is for people"),
        (
            f"{HEAD}- name: A\n  id: x\n- name: B\n  id: x\n".encode(),
            YAML,
            "the site x twice, in line 4 and in line 6",
        ),
        (b"", YAML, "fleet is empty"),
        (b"\xef\xbb\xbf \n", JSON, "fleet is empty"),
        (b"- 1\n", YAML, "it has no `format: hpcli-fleet`"),
        (b"[]", JSON, "it has no `format: hpcli-fleet`"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, kind: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        decode(content, kind, "fleet")


def test_a_damaged_archive_is_refused() -> None:
    with pytest.raises(UsageError, match="not an archive"):
        decode(damaged(encode(DOCUMENT, ARCHIVE), "fleet.json"), ARCHIVE, "fleet")


@pytest.mark.parametrize(("name", "kind"), [("a.YML", YAML), ("a.yaml", YAML), ("a.b.json", JSON)])
def test_the_ending_of_the_name_decides(name: str, kind: str) -> None:
    assert kind_of(Path(name)) == kind


@pytest.mark.parametrize("kind", [YAML, JSON, ARCHIVE])
def test_a_wrong_key_is_named_with_its_line_and_with_what_it_belongs_to(kind: str) -> None:
    import json

    sites: list[dict[str, Any]] = [
        {"name": "Hof"},
        {
            "name": "Café Öhl",
            "strasse": "Am Hof 1",
            "devices": [{"serial": "K1", "nmae": "Tor", "online": 5}],
        },
    ]
    document: Any = {"format": "hpcli-fleet", "version": 1, "sites": sites}
    content = json.dumps(document, indent=1).encode() if kind != YAML else encode(document, YAML)
    content = encode(document, ARCHIVE) if kind == ARCHIVE else content
    with pytest.raises(UsageError) as caught:
        decode(content, kind, "fleet")
    lines = {YAML: ("line 6, ", "line 9, ", "line 10, "), JSON: ("line 10, ", "line 14, ", "line 15, ")}
    site, device, online = lines.get(kind, ("", "", ""))
    for said in (
        f"sites[1] ({site}Café Öhl): there is no key 'strasse' (did you mean 'street'?)",
        f"sites[1].devices[0] ({device}Café Öhl, K1): there is no key 'nmae' (did you mean 'name'?)",
        f"sites[1].devices[0].online ({online}Café Öhl, K1): 5 is not of type 'string'",
    ):
        assert said in caught.value.message
