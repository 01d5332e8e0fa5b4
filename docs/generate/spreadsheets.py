"""Makes docs/spreadsheets.md: the files of `--from`, their columns, and the headings that are understood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from hpcli.commands.arc import account_file
from hpcli.commands.customer import permit_file
from hpcli.commands.device import add_entries, update_file
from hpcli.commands.person import import_file as person_file
from hpcli.commands.site import import_file as site_file
from hpcli.commands.site import manager_file
from hpcli.reference.data import read_rows

_TEXT: Final = """\
# Spreadsheets

`--from FILE` reads a table with one item a row: a workbook (`.xlsx`, `.xlsm`), CSV, or `-` for stdin. Made by
`python -m docs.generate`.

```console
$ hpcli site add --from sites.csv --time-zone Europe/Berlin --dry-run    # the plan, row by row; nothing is sent
$ hpcli site add --from sites.csv --time-zone Europe/Berlin --report done.csv
```

Workbooks need the extra `excel`: in the checkout run `pip install '.[excel]'`. `-o xlsx` and `fleet export FILE.xlsx`
need it too. CSV, also `-o csv --excel`, needs nothing.

## The file

* CSV is UTF-8, UTF-16 or Windows-1252, with `,`, `;`, tabs, or the separator of a first line `sep=`. A `'`
  before `=`, `+`, `-` or `@` is taken off.
* Of a workbook, the first visible sheet that has rows is read. Other visible sheets with rows are named. Hidden rows
  and columns are read, and that is said.
* The headings may stand up to ten lines down, under a title, in any order and in other words (below). Capitals,
  accents, blanks and signs do not count. Columns that are not known or have no heading are ignored, and named.
* Blanks, zero-width and direction marks around a cell are taken off. Numbers are read as the sheet shows them with
  zeros in front; `ja`, `x`, `WAHR`, `oui`, `true` and the like mean yes.

## What is wrong

A line is wrong, with its cells named as the sheet shows them, if it has

* an empty cell that is needed, a value that is not allowed, or a control character, such as a line break in a cell;
* what a spreadsheet has damaged: `4,9E+11`, `#NV` and other errors, `####`, a date, a number of over 15 digits, a
  number whose format shows other signs, a formula without a stored result, a part of merged cells;
* what an earlier line has too, or contradicts: one device twice, or one new site with two cities.

While lines are wrong, nothing is sent (exit code 2). Every wrong line is named, with all that is wrong in it; the
plan of `--dry-run` has them as `!`. A row that the account does not allow, such as one with an unknown site, fails
alone (9). After you have corrected it, type the command again: it does only what is missing. Rows of totals and
headings that are repeated are wrong too; delete them. Rows with values in ignored columns only are skipped.

## Columns

| command | columns | needed |
|---|---|---|
"""
_HEADINGS: Final = """
With `--site` or `--time-zone`, the column is not needed. `device add --from` takes the columns of a new site with
`--add-sites` only. `site update` takes a file of `site add`, too.

## Headings

| column | other words |
|---|---|
"""
_FILES: Final[Sequence[tuple[str, Sequence[str], Sequence[str]]]] = (
    ("site add", site_file.NEW_COLUMNS, site_file.NEW_COLUMNS[:2]),
    ("site update", site_file.COLUMNS, site_file.COLUMNS[:1]),
    ("site assign", manager_file.COLUMNS, manager_file.COLUMNS[:1]),
    ("device add", (*add_entries.COLUMNS, *add_entries.PLACE_COLUMNS), add_entries.COLUMNS[:3]),
    ("device update", update_file.COLUMNS, update_file.COLUMNS[:1]),
    ("person add", person_file.COLUMNS, person_file.COLUMNS[:3]),
    ("customer permit", permit_file.COLUMNS, permit_file.COLUMNS[:3]),
    ("arc set-account", account_file.COLUMNS, account_file.COLUMNS),
)


def make_spreadsheets() -> str:
    """Return the page."""
    return _TEXT + "\n".join(_columns()) + "\n" + _HEADINGS + "\n".join(_headings()) + "\n"


def _columns() -> Iterator[str]:
    for command, columns, needed in _FILES:
        yield f"| `{command}` | {', '.join(columns)} | {', '.join(needed)} |"


def _headings() -> Iterator[str]:
    known = {column for _, columns, _ in _FILES for column in columns}
    for column, words, weaker in read_rows("column_titles.tsv"):
        if column in known:
            yield f"| {column} | {words}{f'; if there is none of these: {weaker}' if weaker else ''} |"
