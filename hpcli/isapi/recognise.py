"""The one recogniser of messages: what a device answered, in the form in which the guide prints it.

Devices answer in neighbouring forms. Known are: the rows of a list without the object around each, in a `List`, under
numbers, as one object for a list of one, or bare; rows and messages as JSON texts; XML for JSON and JSON for XML;
names in other letter case or with a prefix; a message within another object, as the page of a search where the list
was asked for; the platform's envelope around any of them. Anything else is an error that names what came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpcli.errors import ProtocolError
from hpcli.isapi.body import Body, Kind, fold, folded, read_body, unpacked, without_envelope
from hpcli.isapi.definitions import Field, Message, messages
from hpcli.isapi.messages import SPELLINGS, element_to_plain, typed_item
from hpcli.isapi.xml import local_name, namespace_of

PAGE_STATE = ("responseStatusStrg", "numOfMatches", "totalMatches")
PAGE = "@page"
_STATE_LEVELS = 3
_MOST_DIGITS = 18
_FOLDED_STATE = frozenset(name.lower() for name in PAGE_STATE)
_LEAST_KNOWN = 2  # names of a message that must be there where nothing else tells it


class _OtherMessageError(Exception):
    """It is not the message that was asked for, nor one of its neighbours."""


def recognise(body: bytes, message: str, content_type: str = "") -> dict[str, Any]:
    """Return the message of an answer as plain data in the form of the guide.

    What a list says of itself as the page of a search (`PAGE_STATE`) comes along under the name `PAGE`.

    Args:
        body: of the answer.
        message: name of the A.5 message that was asked for.
        content_type: Content-Type header of the answer.

    Raises:
        ProtocolError: it is another message or none; the text quotes a little of it.
    """
    wanted = messages()[message]
    parsed = read_body(body, content_type)
    try:
        plain = _plain(parsed, wanted)
        return _with_state(_find(plain, wanted), plain, wanted)
    except _OtherMessageError:
        hint = "`hpcli device isapi` shows the whole answer."
        if parsed.kind is Kind.EMPTY:
            text = f"The device answered nothing where its {wanted.root} was asked for."
        else:
            text = f"The device did not answer with its {wanted.root}; it sent {parsed.described}."
        raise ProtocolError(text, hint=f"{parsed.reason} {hint}".lstrip()) from None


def lack_of(plain: Mapping[str, Any]) -> str | None:
    """Return what a list that was asked for whole lacks by its own word, as a sentence; None where it is whole.

    Args:
        plain: of `recognise`.
    """
    page = plain.get(PAGE) or {}
    content = next((value for name, value in plain.items() if name != PAGE), None)
    lists = content.values() if isinstance(content, Mapping) else [content]
    rows = next((rows for rows in lists if isinstance(rows, list)), [])
    total = str(page.get("totalMatches", "")).strip()
    if total.isdecimal() and len(total) <= _MOST_DIGITS and int(total) > len(rows):
        return partial(len(rows), int(total))
    return "The device has more rows than it sent; the list is not complete." if says_more(page) else None


def partial(sent: int, total: int) -> str:
    """Say that a list is not complete."""
    return f"The device sent {sent} of {total} rows; the list is not complete."


def says_more(page: Mapping[str, Any]) -> bool:
    """Whether a page of a search says that there are further ones."""
    return str(page.get("responseStatusStrg", "")).strip().upper() == "MORE"


def _plain(parsed: Body, wanted: Message) -> Any:
    """Return a body as plain data, without the platform's envelope."""
    if parsed.root is None:
        return without_envelope(parsed.value)
    name = local_name(parsed.root.tag)
    field = next(
        (child for child in wanted.document.children.values() if fold(child.name) == fold(name)), None
    )
    plain = element_to_plain(parsed.root, field)
    if isinstance(plain, Mapping) and field is not None and wanted.format == "xml":
        plain = {"@xmlns": namespace_of(parsed.root.tag), **plain}  # it may go back with a change
    return {name: plain or []}


def _find(plain: Any, wanted: Message) -> dict[str, Any]:
    assert wanted.root is not None  # a message that is read has a name
    field = wanted.document.children[wanted.root]
    if isinstance(plain, list) and len(plain) == 1 and fold(field.name) in _members(plain[0]):
        plain = plain[0]
    outer = _members(plain)
    if fold(field.name) in outer:
        return {field.name: _content(outer[fold(field.name)], field)}
    for within in map(_members, outer.values()):
        if fold(field.name) in within:
            return {field.name: _content(within[fold(field.name)], field)}
    item = _item_of(field)
    bare = plain
    if isinstance(plain, Mapping) and set(outer) - _FOLDED_STATE == {"list"}:
        bare = unpacked(outer["list"])
        if item is not None and set(_members(bare)) == {fold(item.name)}:
            return {field.name: _content(bare, field)}
    is_named = bare is not plain or bool(bare)  # `[]` alone does not say of what it is empty
    if isinstance(bare, list) and is_named and (item is not None or len(bare) == 1):
        return {field.name: _content(bare, field)}
    inside = item or _rows_field(field)
    if inside is not None and fold(inside.name) in outer:
        return {field.name: _content(plain, field)}
    if _known(outer, item or field) >= _LEAST_KNOWN:
        return {field.name: _content(plain, field)}
    raise _OtherMessageError


def _with_state(found: dict[str, Any], plain: Any, wanted: Message) -> dict[str, Any]:
    """Return a message with what an answer says of its page, wherever around the rows that stands."""
    assert wanted.root is not None  # a message that is read has a name
    field = wanted.document.children[wanted.root]
    is_page = _rows_field(field) is not None
    if not is_page and _item_of(field) is None:
        return found
    state = _state_around(plain)
    if not is_page:
        return {**found, PAGE: state} if state else found
    return {field.name: {**_fitted(state, field), **found[field.name]}}


def _state_around(plain: Any) -> dict[str, Any]:
    """Return the outermost state of a page in a message, wherever around the rows it stands."""
    level = [_members(plain[0] if isinstance(plain, list) and len(plain) == 1 else plain)]
    for _ in range(_STATE_LEVELS):
        state = next((state for members in level if (state := _page_state(members))), None)
        if state is not None:
            return state
        level = [_members(value) for members in level for value in members.values()]
    return {}


def _content(content: Any, field: Field) -> Any:
    """Return what stands under the name of a message, in the form of the guide."""
    content = unpacked(content)
    item = _item_of(field)
    if item is not None and field.is_list:
        return [{item.name: row} for row in _rows(content, item)]
    if item is not None:
        attributes = _attributes(content)
        return {**attributes, item.name: _rows(content, item)}
    if _rows_field(field) is not None:
        return _page(content, field)
    if isinstance(content, list) and len(content) == 1:
        content = content[0]
    if not isinstance(content, Mapping) or not _known(folded(content), field):
        raise _OtherMessageError
    return _fitted(content, field)


def _page(content: Any, field: Field) -> dict[str, Any]:
    """Return the page of a search; without rows it must say that there are none."""
    if isinstance(content, list) and len(content) == 1:
        content = content[0]
    rows_field = _rows_field(field)
    members = _members(content)
    state = _page_state(members)
    assert rows_field is not None  # the caller looked
    there = unpacked(members.get(fold(rows_field.name), members.get("list")))
    if not state and not isinstance(there, list | Mapping):
        raise _OtherMessageError
    item = _wrapped_row(rows_field)
    rows = _rows(there, item or rows_field) if there else []
    others = {
        name: value for name, value in content.items() if fold(name) not in (fold(rows_field.name), "list")
    }
    wrapped = [{item.name: row} for row in rows] if item else rows
    return {**_fitted(others, field), rows_field.name: wrapped}


def _rows(content: Any, item: Field) -> list[dict[str, Any]]:
    """Return the rows of a list, each without the object around it."""
    content = unpacked(content)
    if isinstance(content, list):
        return [row for entry in content for row in _rows_in(entry, item)]
    if isinstance(content, Mapping) and not folded(content):
        if not _attributes(content):
            raise _OtherMessageError  # `{}` is no list
        return []
    return _rows_in(content, item)


def _rows_in(entry: Any, item: Field) -> list[dict[str, Any]]:
    """Return the row of an entry: itself, or what it holds under the name of a row, of `List` or of anything."""
    entry = unpacked(entry)
    if isinstance(entry, list) and entry:
        return _rows(entry, item)
    members = _members(entry)
    if not members:
        raise _OtherMessageError
    for name in (fold(item.name), "list"):
        within = unpacked(members.get(name))
        if isinstance(within, Mapping | list) and name not in item.folded_names:
            return _rows(within, item)
    if _known(members, item):
        return [_fitted(entry, item)]
    rows: list[Any] = []
    if len(members) == 1 or all(name.isdecimal() for name in members):
        rows = [row for inner in members.values() for row in (inner if isinstance(inner, list) else [inner])]
    if rows and all(_known(_members(row), item) for row in rows):
        return [_fitted(row, item) for row in rows if isinstance(row, Mapping)]
    raise _OtherMessageError


def _fitted(content: Mapping[str, Any], field: Field) -> dict[str, Any]:
    """Return an object with the names and types of its definition; what that does not know stays."""
    return dict(typed_item(_renamed(content, field), field))


def _renamed(content: Any, field: Field | None) -> Any:
    """Return data with the names of the definition where they differ in case or by a prefix."""
    if isinstance(content, list):
        return [_renamed(item, field) for item in content]
    if isinstance(content, str | int) or not isinstance(content, Mapping):  # the second takes long to tell
        return content
    children = field.children if field is not None else {}
    names = field.folded_names if field is not None else {}
    renamed: dict[str, Any] = {}
    for key, value in content.items():
        name = SPELLINGS.get(key.strip(), key.strip())
        if name not in children and names.get(fold(name)) not in (None, *content):
            name = names[fold(name)]
        renamed[name] = _renamed(value, children.get(name))
    return renamed


def _item_of(field: Field) -> Field | None:
    """Return the row of a message that is a list and nothing else: SubSys of SubSysList."""
    children = list(field.children.values())
    if len(children) != 1 or children[0].is_leaf:
        return None
    return children[0] if field.is_list or children[0].is_list else None


def _rows_field(field: Field) -> Field | None:
    """Return the list on the page of a search, None for another message."""
    if PAGE_STATE[0] not in field.children:
        return None
    return next((child for child in field.children.values() if child.is_list), None)


def _wrapped_row(rows_field: Field) -> Field | None:
    children = list(rows_field.children.values())
    return children[0] if len(children) == 1 and not children[0].is_leaf else None


def _page_state(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: members[fold(name)] for name in PAGE_STATE if fold(name) in members}


def _known(members: Mapping[str, Any], field: Field) -> int:
    """Return how many names of an object its definition knows."""
    return len(members.keys() & field.folded_names.keys())


def _members(value: Any) -> dict[str, Any]:
    return folded(value) if isinstance(value, Mapping) else {}


def _attributes(content: Any) -> dict[str, Any]:
    is_object = isinstance(content, Mapping)
    return {name: value for name, value in content.items() if name.startswith("@")} if is_object else {}
