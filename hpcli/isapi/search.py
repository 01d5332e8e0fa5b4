"""Searches that a device answers page by page: door events, door users, relays, zones.

All pages of a search carry one searchID; the position starts at 0 and moves on by the rows that came (Guide A.4.1,
A.4.2, A.4.17, A.4.18; errata 200). Devices say OK, or nothing, on pages that are not the last; the end is where
totalMatches are there or a page is empty. Where there is no total, or one that was too small, only an empty page
or one that came before is the end. Devices that count positions otherwise repeat rows; those are left out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hpcli.errors import DeviceError
from hpcli.isapi.changes import choose_name, dotted_name, parse_value
from hpcli.isapi.definitions import Field, leaf_paths, messages
from hpcli.isapi.recognise import partial, says_more

MAX_PAGES = 10_000

_PAGING_FIELDS = frozenset({"searchID", "searchResultPosition", "maxResults"})


@dataclass(frozen=True, slots=True)
class Search:
    """One kind of search.

    Attributes:
        uri: where it is posted to.
        request: message of the condition.
        response: message of a page.
        rows: name of the list in a page.
        identity: name of what tells a row from all others.
        item: name of the object around each row, empty if there is none.
        page_size: rows to ask for; a device gives fewer, without an error, if it cannot give as many.
        defaults: what the guide requires in every condition.
    """

    uri: str
    request: str
    response: str
    rows: str
    identity: str
    item: str = ""
    page_size: int = 100
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def condition_root(self) -> str:
        """The one top-level name of the condition."""
        return messages()[self.request].root or ""

    @property
    def page_root(self) -> str:
        """The one top-level name of a page."""
        return messages()[self.response].root or ""


# Major and minor 0 stand for all types of events, as with ISAPI elsewhere; the guide requires both.
ACCESS_EVENTS = Search(
    "/ISAPI/AccessControl/AcsEvent?format=json",
    "JSON_AcsEventCond",
    "JSON_AcsEvent",
    "InfoList",
    "serialNo",
    defaults={"major": 0, "minor": 0},
)
ACCESS_USERS = Search(
    "/ISAPI/AccessControl/UserInfo/Search?format=json",
    "JSON_UserInfoSearchCond",
    "JSON_UserInfoSearch",
    "UserInfo",
    "employeeNo",
)
RELAYS = Search(
    "/ISAPI/SecurityCP/status/outputStatus?format=json",
    "JSON_OutputCond",
    "JSON_OutputSearch_Status",
    "OutputList",
    "id",
    item="Output",
)
ZONES = Search(
    "/ISAPI/SecurityCP/status/zones?format=json",
    "JSON_ZoneCond",
    "JSON_ZoneSearch",
    "ZoneList",
    "id",
    item="Zone",
)


def condition_names(search: Search) -> set[str]:
    """Return the names of the conditions that a device can search by."""
    return {field.name for path in _condition_paths(search) for field in path}


def make_condition(search: Search, where: Mapping[str, str]) -> dict[str, Any]:
    """Return a condition from names and values as people type them.

    Args:
        search: the kind of search.
        where: values by name; several values of a list are separated by commas.

    Raises:
        UsageError: a name the condition does not have, or a value of the wrong type.
    """
    paths = {path[-1].name: path for path in _condition_paths(search)}
    condition: dict[str, Any] = {}
    for typed_name, text in where.items():
        path = paths[choose_name(typed_name, paths)]
        condition[path[0].name] = _condition_value(path, text)
    return condition


def search_pages(
    search: Search,
    condition: Mapping[str, Any],
    send: Callable[[dict[str, Any]], Mapping[str, Any]],
    *,
    page_size: int | None = None,
    search_id: str | None = None,
    max_pages: int = MAX_PAGES,
    doubts_no_match: bool = False,
    info: Callable[[str], None] | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield every row a device finds, up to totalMatches or to an empty page, whatever the pages before say.

    Args:
        search: the kind of search.
        condition: fields of the condition besides those of paging, typed.
        send: takes the message to post, returns the page as `recognise` does.
        page_size: rows a page to ask for; half of it where the first page is empty though there are rows.
        search_id: the searchID; a random one if not given.
        max_pages: where to stop asking.
        doubts_no_match: ask once more for a small page where the first one says that there is nothing: some devices
            say so whenever more than 30 rows are asked for.
        info: takes a sentence about rows that the device counted but did not send.

    Raises:
        DeviceError: the device repeats itself, stops in the middle, counts rows but sends none, or does not come
            to an end.
    """
    from uuid import uuid4

    content = {
        "searchID": search_id or str(uuid4()),
        "searchResultPosition": 0,
        "maxResults": page_size or search.page_size,
        **search.defaults,
        **condition,
    }
    total, earlier, is_due = 0, _EarlierPages(search), True
    for _ in range(max_pages):
        page = _page_of(search, send, content, may_end=not is_due)
        if page is None:
            return
        rows = [_unwrapped(row, search) for row in page.get(search.rows) or () if isinstance(row, dict)]
        seen, size = content["searchResultPosition"], content["maxResults"]
        total = _count(page, "totalMatches") or total
        smaller = None if rows or seen else _smaller_page(page, size, doubts_no_match=doubts_no_match)
        if smaller is not None:
            content["maxResults"] = smaller
            continue
        fresh = earlier.fresh(rows)
        if not fresh:
            if is_due:
                _check_end(page, seen, total, is_repeated=bool(rows), info=info)
            return
        yield from fresh
        seen += len(fresh)
        content["searchResultPosition"] = seen
        if seen == total and not says_more(page):
            return
        is_due = seen < total or says_more(page)
    raise DeviceError(f"The search did not end after {max_pages} pages.", hint=_SMALLER)


_SMALLER = "Try again, or search for less: a shorter time, one person, one type."
_MOST_OF_SMALL_DEVICES = 30  # such devices find nothing where they are asked for more


def _page_of(
    search: Search,
    send: Callable[[dict[str, Any]], Mapping[str, Any]],
    content: Mapping[str, Any],
    *,
    may_end: bool,
) -> Mapping[str, Any] | None:
    """Ask for a page; None where there may be no further one, and the device refuses to look.

    Raises:
        DeviceError: it is another message, or a refusal of a page that there should be.
    """
    from hpcli.isapi.errors import DeviceRefusedError

    try:
        page = send({search.condition_root: dict(content)}).get(search.page_root)
    except DeviceRefusedError:
        if may_end:
            return None
        raise
    if not isinstance(page, Mapping):
        raise DeviceError(f"The device did not answer with {search.page_root}.")
    return page


class _EarlierPages:
    """What came before, to know rows that a device sends again."""

    def __init__(self, search: Search) -> None:
        self._identity = search.identity
        self._last: list[dict[str, Any]] = []
        self._firsts: set[str] = set()

    def fresh(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the new rows of a page: without those that end the last page, and up to one that began a page."""
        last, self._last = self._last, rows
        if rows == last:
            return []
        if not all(row.get(self._identity) not in (None, "") for row in rows):
            return rows
        again = next((at for at, row in enumerate(rows) if repr(row) in self._firsts), len(rows))
        self._firsts.update(repr(row) for row in rows[:1])
        return rows[_overlap(last, rows) : again]


def _overlap(last: list[dict[str, Any]], rows: list[dict[str, Any]]) -> int:
    """Return with how many of its rows a page begins that the last one ends with."""
    longest = min(len(last), len(rows))
    return next((size for size in range(longest, 0, -1) if last[-size:] == rows[:size]), 0)


def _count(page: Mapping[str, Any], name: str) -> int:
    number = page.get(name)
    return max(number, 0) if isinstance(number, int) and not isinstance(number, bool) else 0


def _smaller_page(page: Mapping[str, Any], size: int, *, doubts_no_match: bool) -> int | None:
    """Return how many rows to ask for where the first page is empty, None where that is the answer."""
    if says_more(page) or _count(page, "totalMatches") or _count(page, "numOfMatches"):
        return size // 2 or None
    return 25 if doubts_no_match and size > _MOST_OF_SMALL_DEVICES else None


def _check_end(
    page: Mapping[str, Any],
    seen: int,
    total: int,
    *,
    is_repeated: bool,
    info: Callable[[str], None] | None,
) -> None:
    """Say what is missing where pages have come to an end before the list has.

    Raises:
        DeviceError: the device promises more, or sends nothing at all of what it counts.
    """
    if is_repeated and says_more(page):
        raise DeviceError("The device repeats the same page; the list is not complete.", hint=_SMALLER)
    if says_more(page):
        raise DeviceError(
            "The device promises more but gives nothing; the list is not complete.", hint=_SMALLER
        )
    if not seen and (counted := total or _count(page, "numOfMatches")):
        raise DeviceError(f"The device counts {counted} rows but sends none of them.", hint=_SMALLER)
    if seen < total and info:
        info(partial(seen, total))


def _unwrapped(row: dict[str, Any], search: Search) -> dict[str, Any]:
    inner = row.get(search.item) if search.item else None
    return inner if isinstance(inner, dict) else row


def _condition_paths(search: Search) -> list[tuple[Field, ...]]:
    """Return the fields below the condition's root, those of paging apart."""
    root = messages()[search.request].document.children[search.condition_root]
    return [path for path in leaf_paths(root) if dotted_name(path) not in _PAGING_FIELDS]


def _condition_value(path: tuple[Field, ...], text: str) -> Any:
    leaf = path[-1]
    if not path[0].is_list:
        return parse_value(leaf.name, text, leaf)
    values = [parse_value(leaf.name, each.strip(), leaf) for each in text.split(",") if each.strip()]
    return values if path[0].is_leaf else [{leaf.name: value} for value in values]
