"""Searches that a device answers page by page: door events, door users, relays, zones.

All pages of a search carry one searchID; the position starts at 0 and moves on by numOfMatches until
responseStatusStrg is no longer MORE (Guide A.4.1, A.4.2, A.4.17, A.4.18; errata 200).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hpcli.errors import DeviceError
from hpcli.isapi.changes import choose_name, dotted_name, parse_value
from hpcli.isapi.definitions import Field, leaf_paths, messages

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
        item: name of the object around each row, empty if there is none.
        page_size: rows to ask for; a device gives fewer, without an error, if it cannot give as many.
        defaults: what the guide requires in every condition.
    """

    uri: str
    request: str
    response: str
    rows: str
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
    defaults={"major": 0, "minor": 0},
)
ACCESS_USERS = Search(
    "/ISAPI/AccessControl/UserInfo/Search?format=json",
    "JSON_UserInfoSearchCond",
    "JSON_UserInfoSearch",
    "UserInfo",
)
RELAYS = Search(
    "/ISAPI/SecurityCP/status/outputStatus?format=json",
    "JSON_OutputCond",
    "JSON_OutputSearch_Status",
    "OutputList",
    item="Output",
)
ZONES = Search(
    "/ISAPI/SecurityCP/status/zones?format=json", "JSON_ZoneCond", "JSON_ZoneSearch", "ZoneList", item="Zone"
)


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
) -> Iterator[dict[str, Any]]:
    """Yield every row a device finds.

    Args:
        search: the kind of search.
        condition: fields of the condition besides those of paging, typed.
        send: takes the message to post, returns the page as `messages.to_plain` does.
        page_size: rows a page to ask for.
        search_id: the searchID; a random one if not given.
        max_pages: where to stop asking.

    Raises:
        DeviceError: the device repeats itself, stops in the middle, or does not come to an end.
    """
    from uuid import uuid4

    content = {
        "searchID": search_id or str(uuid4()),
        "searchResultPosition": 0,
        "maxResults": page_size or search.page_size,
        **search.defaults,
        **condition,
    }
    last_rows: list[dict[str, Any]] = []
    for _ in range(max_pages):
        page = send({search.condition_root: dict(content)}).get(search.page_root)
        if not isinstance(page, Mapping):
            raise DeviceError(f"The device did not answer with {search.page_root}.")
        rows = [_unwrapped(row, search) for row in page.get(search.rows) or () if isinstance(row, dict)]
        if rows and rows == last_rows:
            raise DeviceError("The device repeats the same page; the list is not complete.", hint=_SMALLER)
        yield from rows
        if str(page.get("responseStatusStrg", "")).strip().upper() != "MORE":
            return
        step = _matches(page) or len(rows)
        if step == 0:
            raise DeviceError(
                "The device promises more but gives nothing; the list is not complete.", hint=_SMALLER
            )
        content["searchResultPosition"] += step
        last_rows = rows
    raise DeviceError(f"The search did not end after {max_pages} pages.", hint=_SMALLER)


_SMALLER = "Try again, or search for less: a shorter time, one person, one type."


def _matches(page: Mapping[str, Any]) -> int:
    matches = page.get("numOfMatches")
    return max(matches, 0) if isinstance(matches, int) else 0


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
