"""The rows of a workbook (`.xlsx`) to import: those of its first visible sheet that has any, as text."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zipfile import ZipFile

from hpcli.errors import LocalError, UsageError
from hpcli.local.archives import BROKEN_ARCHIVE
from hpcli.run.cell_damage import NOT_CALCULATED, Damage, DamagedCell, merged_cell
from hpcli.run.text_input import BLANKS, without_apostrophe

if TYPE_CHECKING:
    from hpcli.run.sheet_marks import SheetMarks

MARK: Final = b"PK\x03\x04"
"""What every workbook begins with."""
_LARGEST_EXACT: Final = 10**15
"""Excel keeps 15 digits of a number."""
_SAVE_AS: Final = "Save it as an Excel workbook (.xlsx) or as CSV UTF-8, and use that."
_WITH_OTHER_SIGNS: Final = re.compile(r'"[^"]*[^"\s][^"]*"|\\[^\s]|[0#?]-[0#?]')
"""A number format that shows what is not in the number."""
_LONGEST_LIST: Final = 5
_BOOK: Final = "xl/workbook.xml"
_STRICT: Final = b"http://purl.oclc.org/ooxml/"


@dataclass(frozen=True)
class WorkbookSheet:
    """The sheet that is read.

    Attributes:
        title: its name.
        others: names of the other visible sheets that have rows.
        rows: line and cells of each row that is not blank.
        hidden_lines: lines that the sheet hides.
        hidden_columns: columns that it hides, from 1.
    """

    title: str
    others: tuple[str, ...]
    rows: Sequence[tuple[int, list[str]]]
    hidden_lines: frozenset[int]
    hidden_columns: frozenset[int]

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Yield line and cells of each row."""
        return iter(self.rows)

    @property
    def choice(self) -> str:
        """A sentence about the sheets that are not read; empty where there is one."""
        if not self.others:
            return ""
        listed = ", ".join(f"'{name}'" for name in self.others[:_LONGEST_LIST])
        more = len(self.others) - _LONGEST_LIST
        listed += f" and {more} more" if more > 0 else ""
        also = "has rows too and was" if len(self.others) == 1 else "have rows too and were"
        return f"The sheet '{self.title}' was read; {listed} {also} not."


def workbook_lines(content: bytes, what: str) -> WorkbookSheet:
    """Return the first visible sheet that has rows.

    Raises:
        LocalError: openpyxl is not installed.
        UsageError: it is not a workbook.
    """
    try:
        import openpyxl  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise LocalError(
            "To read a workbook, hpcli needs openpyxl.",
            hint="In the checkout of hpcli run `pip install '.[excel]'`, or save the sheet as CSV.",
        ) from error
    _check_kind(content, what)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of what it does not keep; nothing is written back
        try:
            reader = _open(content)
            with closing(reader.wb):
                return _read(reader, what)
        except UsageError:
            raise
        except Exception as error:
            reason = str(error).partition("\n")[0].rstrip(".")
            raise UsageError(
                f"The {what} is not a workbook that can be read: {reason or type(error).__name__}.",
                hint=_SAVE_AS,
            ) from error


def _open(content: bytes) -> Any:
    """Return a reader of the sheets; what else is in a workbook, charts, links, properties, may be broken."""
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.styles.stylesheet import apply_stylesheet

    class SheetReader(ExcelReader):
        def read_chartsheet(self, sheet: Any, rel: Any) -> None:
            """Leave charts out."""

    reader = SheetReader(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)  # says which numbers are dates
    reader.read_worksheets()
    return reader


def _check_kind(content: bytes, what: str) -> None:
    """Refuse a file of another kind that is an archive too.

    Raises:
        UsageError: it is one.
    """
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            names = frozenset(archive.namelist())
            kind = archive.read("mimetype").decode("utf-8", "replace") if "mimetype" in names else ""
            book = archive.read(_BOOK) if _BOOK in names else b""
    except BROKEN_ARCHIVE as error:
        raise UsageError(
            f"The {what} is not a workbook that can be read: it is damaged or not complete.",
            hint="Copy or save it again; or save it as CSV UTF-8.",
        ) from error
    if "opendocument" in kind:
        raise UsageError(f"The {what} is an OpenDocument file, which cannot be read.", hint=_SAVE_AS)
    if "xl/workbook.bin" in names:
        raise UsageError(f"The {what} is a binary workbook (.xlsb), which cannot be read.", hint=_SAVE_AS)
    if _STRICT in book:
        raise UsageError(f"The {what} is a Strict Open XML workbook, which cannot be read.", hint=_SAVE_AS)
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise UsageError(f"The {what} is an archive, not a workbook.", hint=_SAVE_AS)


def _read(reader: Any, what: str) -> WorkbookSheet:
    """Return the first visible sheet that has rows."""
    from hpcli.run.sheet_marks import SheetMarks, read_marks

    paths = {sheet.name: relation.target for sheet, relation in reader.parser.find_sheets()}
    visible = [sheet for sheet in reader.wb.worksheets if sheet.sheet_state == "visible"]
    if not visible:
        raise UsageError(f"The {what} has no visible sheet.")
    for sheet in visible:
        sheet.reset_dimensions()  # some programs note a wrong size, which would cut rows off
    filled = [sheet for sheet in visible if next(_lines(sheet, SheetMarks()), None) is not None]
    chosen = (filled or visible)[0]
    with reader.archive.open(paths[chosen.title]) as source:
        marks = read_marks(source)
    return WorkbookSheet(
        chosen.title,
        tuple(sheet.title for sheet in filled[1:]),
        list(_lines(chosen, marks)),
        frozenset(marks.hidden_lines),
        frozenset(marks.hidden_columns),
    )


def _lines(sheet: Any, marks: SheetMarks) -> Iterator[tuple[int, list[str]]]:
    for line, row in enumerate(sheet.iter_rows(), 1):
        if not row and line not in marks.last_merged:
            continue
        cells = [_cell(cell, (line, column), marks) for column, cell in enumerate(row, 1)]
        cells += _covered_behind(line, len(cells), marks)
        while cells and not cells[-1] and not isinstance(cells[-1], DamagedCell):
            cells.pop()
        if any(cells):
            yield line, cells


def _covered_behind(line: int, last: int, marks: SheetMarks) -> Iterable[str]:
    """Return the cells behind the last one that is written, up to the last merged one."""
    return [
        _covering((line, column), marks) for column in range(last + 1, marks.last_merged.get(line, last) + 1)
    ]


def _covering(place: tuple[int, int], marks: SheetMarks) -> str:
    area = marks.merged.get(place)
    return "" if area is None else merged_cell(area)


def _cell(cell: Any, place: tuple[int, int], marks: SheetMarks) -> str:
    if place in marks.not_calculated:
        return DamagedCell("formula", NOT_CALCULATED)
    if cell.value is None:
        return _covering(place, marks)
    return _text(cell.value, cell)


def _text(value: Any, cell: Any) -> str:
    """Return a cell as it would be typed: whole numbers without `.0`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "General")
    if isinstance(value, datetime | date | time | timedelta):
        return DamagedCell(str(value), Damage("a date or time, which may have been something else before"))
    from openpyxl.utils.escape import unescape

    return without_apostrophe(str(unescape(str(value))).strip(BLANKS))


def _number(value: float, shown_as: str) -> str:
    """Return a number as the sheet shows it: with the zeros in front that its format adds."""
    if abs(value) >= _LARGEST_EXACT:
        return DamagedCell(f"{value:g}", Damage("a number of over 15 digits, of which Excel keeps 15"))
    if value != int(value):
        return str(value)
    form = shown_as.partition(";")[0]
    if _WITH_OTHER_SIGNS.search(form):
        return DamagedCell(
            str(int(value)), Damage("a number that the sheet shows with signs that are not in it")
        )
    return f"{int(value):0{len(form)}}" if form and not form.strip("0") else str(int(value))
