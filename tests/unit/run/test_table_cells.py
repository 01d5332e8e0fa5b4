"""Cells and headings of files to import: what Excel does to them, and in which languages people write them."""

from __future__ import annotations

import pytest

from hpcli.errors import UsageError
from hpcli.run.cell_damage import damage_of
from hpcli.run.table_titles import column_names
from hpcli.run.tables import LineFaults, Row, read_sheet
from hpcli.run.yes_no import read_yes_no

SITES = ("name", "time-zone", "sync-time", "state", "city", "street", "address")
DEVICES = ("serial", "code", "site", "name", "info")
PERSONS = ("employee-no", "family-name", "given-name", "type", "email", "phone", "card", "photo")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("4,91711E+11", "shortened"), ("4.9E+11", "shortened"), ("1E+05", "shortened"), ("-2,5e-07", "shortened"),
        ("1,23E12", "shortened"), ("#NAME?", "error"), ("#NV", "error"), ("#N/A", "error"), ("#WERT!", "error"),
        ("#BEZUG!", "error"), ("#DIV/0!", "error"), ("#¡VALOR!", "error"), ("#ref!", "error"), ("####", "narrow"),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_has_damaged_is_found(cell: str, said: str) -> None:
    assert said in str(damage_of(cell))
    assert cell[0] == "#" or cell not in str(damage_of(cell)), "what is left of a code is not quoted"


@pytest.mark.parametrize(
    "cell", ["", "E5", "12E5", "K1E05", "#", "#1", "#NO", "# Hof", "Tor #3", "4,9", "+49 171"]
)
def test_what_only_looks_like_it_is_not(cell: str) -> None:
    assert damage_of(cell) is None


@pytest.mark.parametrize(
    ("words", "is_yes"),
    [
        (
            "yes TRUE x 1 on WAHR wahr Ja j oui VRAI Sí verdadero sì VERO tak да ИСТИНА waar SANT TOSI ΑΛΗΘΗΣ evet",
            True,
        ),
        ("no FALSE 0 off FALSCH Nein n non FAUX falso nie нет ЛОЖЬ onwaar - nej FALSKT YANLIŞ HAYIR", False),
    ],
)
def test_yes_and_no_are_read_as_people_and_excel_write_them(words: str, *, is_yes: bool) -> None:
    assert [read_yes_no(word, "sync-time") for word in words.split()] == [is_yes] * len(words.split())
    with pytest.raises(UsageError, match="sync-time is 'vielleicht', not yes or no"):
        read_yes_no("vielleicht", "sync-time")


@pytest.mark.parametrize(
    ("columns", "titles", "names"),
    [
        (DEVICES, "Seriennummer|Prüfcode|Standort|Bezeichnung|Bemerkung", DEVICES),
        (DEVICES, "Serial No.|Verification Code|Site Name|Device Name|Remark", DEVICES),
        (DEVICES, "deviceSerial|validateCode|siteName|deviceName|extInfo", DEVICES),
        (DEVICES, "Numéro de série|Code de vérification|Nom du site|Nom|Remarque", DEVICES),
        (DEVICES, "Número de série|Código de verificação|Local|Nome|Observações", DEVICES),
        (DEVICES, "Numéro de série|Code de vérification|Site|Nom de l'appareil|Remarque", DEVICES),
        (DEVICES, "Серійний номер|Код перевірки|Об'єкт|Назва|Примітка", DEVICES),  # noqa: RUF001 - Ukrainian
        (DEVICES, "Serijski broj|Verifikacijski kod|Lokacija|Naziv|Napomena", DEVICES),
        (DEVICES, "序列号|验证码|站点|名称|备注", DEVICES),
        (DEVICES, "PRU\u0308FCODE|serial|x", ("code", "serial", "")),
        (DEVICES, "Prüfcode|serial|Code", ("", "serial", "code")),
        (SITES, "Standort|Zeitzone|Zeit synchronisieren|Bundesland|Ort|Straße|Anschrift", SITES),
        (SITES, "siteName|timeZone|sync time|Region|Town|Strasse|Adresse", SITES),
        (PERSONS, "Personal-Nr.|Name|Vorname|Typ|E-Mail|Telefon|Kartennummer|Foto", PERSONS),
        (PERSONS, "Employee ID|Last Name|First Name|type|E-mail address|Phone|Card No.|Picture", PERSONS),
    ],
)
def test_headings_are_known_under_other_words(
    columns: tuple[str, ...], titles: str, names: tuple[str, ...]
) -> None:
    assert column_names(titles.split("|"), columns) == list(names)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_headings_may_stand_under_a_title(separator: str) -> None:
    lines = ("Sites, 2026", "", "as of; today", "serial|code|name", "A|1|x", "serial|2|y")
    text = "\r\n".join(line.replace("|", separator) for line in lines)
    faults = LineFaults()
    sheet = read_sheet(text, DEVICES, needed=("serial", "code"), unique="serial", faults=faults)
    assert [(row.line, row.cells["serial"]) for row in sheet.rows] == [(5, "A"), (6, "serial")]
    assert sheet.notes == ("Line 4 has the headings; the 2 lines above it were skipped.",)


def test_without_headings_the_line_that_was_read_is_named_and_not_quoted() -> None:
    with pytest.raises(UsageError, match="The column serial is missing") as caught:
        read_sheet(
            "A1,GEHEIM,x\nB2,GEHEIM,y\n", DEVICES, needed=DEVICES[:2], unique=None, faults=LineFaults()
        )
    assert "Line 1 was read as the headings. Found 3 cells; none names a column." in str(caught.value.hint)
    assert "GEHEIM" not in str(caught.value.hint)


def test_all_that_is_wrong_with_a_row_is_told_and_the_column_where_the_words_do_not_name_it() -> None:
    def refuse(text: str) -> int:
        raise UsageError(f"'{text}' is not one of: a, b.", hint="Did you mean 'a'?")

    def also(row: Row) -> None:
        row.read("name", refuse, 0)
        row.read("info", refuse, 0)

    faults = LineFaults()
    text = "serial,code,name,info\nA,#NV,x,\nB,1,,\n"
    sheet = read_sheet(text, DEVICES, needed=DEVICES[:2], unique=None, faults=faults, also=also)
    (fault,) = faults.all
    assert [row.cells["serial"] for row in sheet.rows] == ["B"]
    assert (fault.line, fault.target) == (2, "A")
    assert fault.error.message == (
        "column 2 (code): #NV is an error of the spreadsheet. name: 'x' is not one of: a, b."
    )
    assert str(fault.error.hint).endswith("type the value. Did you mean 'a'?")


@pytest.mark.parametrize(
    ("columns", "titles", "names"),
    [
        (SITES, "Kundenname|Zeitzone", ("name", "time-zone")),
        (DEVICES, "Kunde|Seriennummer|Prüfcode", ("site", "serial", "code")),
        (DEVICES, "Kunde|Standort|Seriennummer|Bezeichnung", ("", "site", "serial", "name")),
        (DEVICES, "Kunde|Standort|Seriennummer", ("", "site", "serial")),
    ],
)
def test_a_word_for_a_customer_means_the_site_where_no_other_heading_does(
    columns: tuple[str, ...], titles: str, names: tuple[str, ...]
) -> None:
    assert column_names(titles.split("|"), columns) == list(names)


def test_the_validity_of_a_person_is_not_ignored_without_saying_what_that_means() -> None:
    text = "Personalnummer;Nachname;Vorname;Gültig bis\n1;A;B;31.12.2026\n"
    sheet = read_sheet(text, PERSONS, needed=PERSONS[:3], unique=None, faults=LineFaults())
    (said,) = sheet.notes
    assert said.startswith(
        "The column Gültig bis is ignored: the platform keeps no validity of a person. `hpcli ac"
    )
