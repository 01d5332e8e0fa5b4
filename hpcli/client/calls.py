"""What every family of calls shares: reading, changing, paging, and the documented types of answers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hpcli.backoff import Backoff
from hpcli.client.answers import trim_keys
from hpcli.client.coercion import coerce, read_answer
from hpcli.client.paging import Page, PagesRead, count_of, read_rows, without_repeats
from hpcli.errors import HpcliError, PlatformError, ProtocolError, TimeLimitError
from hpcli.masking import quote_line
from hpcli.names import spellings
from hpcli.parse import parse_json

if TYPE_CHECKING:
    from hpcli.api.operation import Operation
    from hpcli.client.known import KnownRows
    from hpcli.client.listing import Listing
    from hpcli.client.transport import Transport

Data = TypeVar("Data")
Row = TypeVar("Row")
State = TypeVar("State")

_PAGE_SIZE = 100  # accepted by device/list and site/search (field notes, "Lists and values")
_SMALL_PAGE = 20  # the documented default
POSSIBLY_MADE: Final = (
    "The platform took the call, so the change may have been made: look before you repeat it."
)
EVERY_TWO_SECONDS: Final = Backoff((2.0,))


class Calls:
    """Base of the families."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _name(self, target: object, name: object) -> None:
        """Tell the log of changes, if there is one, what an id that calls go by is called."""
        if self._transport.recorder is not None and target and name:
            self._transport.recorder.name(str(target), str(name))

    def _read(
        self,
        operation: Operation[Data],
        body: Mapping[str, Any] | None = None,
        *,
        parameters: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        is_needed: bool = False,
    ) -> Data:
        """Make a reading call; return its object or its rows in the documented types.

        Raises:
            ProtocolError: the rows are missing, and `is_needed` says that they will go back with a change.
        """
        data = self._transport.call(
            operation, _given(body), parameters=parameters, query=query, headers=headers
        )
        return read_answer(operation, data, is_needed=is_needed)

    def _change(
        self,
        operation: Operation[Data],
        body: Mapping[str, Any] | None = None,
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        upload: tuple[str, bytes] | None = None,
    ) -> Data:
        """Make a changing call; return its object or its rows in the documented types.

        Raises:
            DryRun: the transport plans only.
            ProtocolError: the platform took the call and answered something that is not what the guide says.
        """
        data = self._transport.call(
            operation, _given(body), parameters=parameters, headers=headers, upload=upload
        )
        return self._made(lambda: read_answer(operation, data))

    def _made(self, read: Callable[[], Data]) -> Data:
        """Read the answer to a change that the platform took.

        Raises:
            ProtocolError: it is not what the guide says; the hint is that the change may have been made.
        """
        try:
            return read()
        except ProtocolError as error:
            error.hint = POSSIBLY_MADE
            error.may_be_done = True
            raise

    def _list(
        self,
        operation: Operation[list[Row]],
        body: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        needed: str | None = None,
        info: Callable[[str], None] | None = None,
        on_page: Callable[[Page], object] | None = None,
    ) -> Iterator[Row]:
        """Yield the rows of all pages, or the first `limit` of them.

        Args:
            operation: the call.
            body: what is searched for.
            limit: rows at most.
            needed: what a row is, if the absence of a list is an error.
            info: takes the sentence about rows that were not sent, in place of the transport's.
            on_page: takes each page as it arrives.

        Raises:
            ProtocolError: a needed list is not there.
        """
        size, last = _PAGE_SIZE, Page(())

        def fetch(number: int) -> Page:
            nonlocal last
            if number > 1 and self._transport.on_pages is not None:
                self._transport.on_pages(PagesRead(operation.path, number, last))
            last = fetch_page(number)
            if on_page:
                on_page(last)
            return last

        def fetch_page(number: int) -> Page:
            nonlocal size
            try:
                return self._page(operation, body, number, size, needed)
            except PlatformError as error:
                # Only a refused parameter can mean that pages of 100 are too large.
                if type(error) is not PlatformError or size == _SMALL_PAGE or number > 1:
                    raise
            size = _SMALL_PAGE
            return self._page(operation, body, number, size, needed)

        return itertools.islice(read_rows(fetch, info=info or self._transport.info), limit)

    def _known(
        self,
        operation: Operation[list[Row]],
        noun: str,
        body: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        on_page: Callable[[Page], object] | None = None,
    ) -> KnownRows[Row]:
        """Return the rows of all pages, or the first `limit` of them, to look something up.

        Raises:
            ProtocolError: the platform did not give a list.
        """
        from hpcli.client.known import KnownRows

        shortfalls: list[str] = []
        rows = list(
            self._list(operation, body, limit=limit, needed=noun, info=shortfalls.append, on_page=on_page)
        )
        for sentence in shortfalls:
            if self._transport.info is not None:
                self._transport.info(sentence)
        return KnownRows(rows, noun, next(iter(shortfalls), None))

    def _listing(self, operation: Operation[list[Row]], noun: str) -> Listing[Row]:
        """Return a list that is fetched as far as it is needed, to look something up.

        Raises:
            ProtocolError: the platform did not give a list.
        """
        from hpcli.client.listing import Listing

        def begin(on_page: Callable[[Page], object], info: Callable[[str], None]) -> Iterator[Row]:
            return self._list(operation, needed=noun, info=info, on_page=on_page)

        return Listing(begin, noun, self._transport.info)

    def _list_named(
        self,
        operation: Operation[list[Row]],
        text: str | None,
        *,
        limit: int | None = None,
        on_page: Callable[[Page], object] | None = None,
    ) -> Iterator[Row]:
        """Yield the rows with a text in their names, in any Unicode normal form: the platform compares letters."""
        forms = spellings(text) if text else (text,)
        pages = [self._list(operation, {"search": form}, limit=limit, on_page=on_page) for form in forms]
        if len(pages) == 1:
            return pages[0]
        return itertools.islice(without_repeats(itertools.chain.from_iterable(pages)), limit)

    def _page(
        self,
        operation: Operation,
        body: Mapping[str, Any] | None,
        number: int,
        size: int,
        needed: str | None = None,
    ) -> Page:
        wanted = {**(_given(body) or {}), "page": number, "pageSize": size}
        envelope = self._transport.envelope(operation, wanted, is_list=True)
        raw = unpack_rows(envelope.get("data"))
        # A bare array is met too (field notes, "Envelope").
        data = coerce(operation, {"rows": raw} if isinstance(raw, list) else raw) or {}
        rows = data.get("rows") or []
        if _hides_rows(raw, data):
            raise ProtocolError(
                f"The platform's answer is not what the guide describes: its rows are missing, and it holds "
                f"{', '.join(quote_line(str(name), 40) for name in raw)}."
            )
        if needed and number == 1 and not rows and not _says_none(raw):
            from hpcli.client.known import missing_list

            raise missing_list(needed)
        # §3.51 puts totalPage beside `data` (errata 79).
        pages = data.get("totalPage", envelope.get("totalPage"))
        return Page(rows, pages=count_of(pages), total=count_of(data.get("total")))

    def _wait(
        self,
        ask: Callable[[], State],
        is_done: Callable[[State], bool],
        *,
        limit: float,
        backoff: Backoff = EVERY_TWO_SECONDS,
        progress: Callable[[State], None] | None = None,
    ) -> State:
        """Ask until it is done; the last question comes when the time is over.

        Args:
            ask: returns the present state.
            is_done: returns whether that state is final.
            limit: seconds to wait at most.
            backoff: the pauses between two questions.
            progress: is given each state.

        Raises:
            TimeLimitError: it was not done in time; the work goes on at the platform.
        """
        deadline = self._transport.clock() + limit
        questions = 0
        while True:
            state = ask()
            if progress:
                progress(state)
            if is_done(state):
                return state
            left = deadline - self._transport.clock()
            if left <= 0:
                raise TimeLimitError(
                    "It is not done yet.",
                    hint="It goes on by itself; ask again later, or raise --wait-timeout.",
                )
            questions += 1
            self._transport.sleep(min(backoff.seconds_after(questions), left))


def unpack_rows(data: Any) -> Any:
    """Return the data of a list with what came as a text of JSON in place of the text: data, its rows, or a row."""
    data = unpack_text(data)
    if isinstance(data, list):
        return _flat(data)
    if not isinstance(data, dict):
        return data
    unpacked = {
        key: _flat(value) if isinstance(value := unpack_text(item), list) else value
        for key, item in data.items()
    }
    inner = unpacked.get("data")
    if "rows" not in unpacked and isinstance(inner, list | dict):  # the envelope within the envelope
        return unpack_rows(inner)
    listed = next((key for key in unpacked if key.lower() == "list"), None)
    if listed is not None and not any(key.lower() == "rows" for key in unpacked):
        unpacked["rows"] = unpacked.pop(listed)
    return unpacked


def _flat(rows: list[Any]) -> list[Any]:
    """Return rows out of the texts and lists that they lie in."""
    found: list[Any] = []
    for row in map(unpack_text, rows):
        found += map(unpack_text, row) if isinstance(row, list) else [row]
    return found


def _hides_rows(raw: Any, fitted: Mapping[str, Any]) -> bool:
    """Whether an answer without the list of rows holds something under another name: that is not nothing."""
    if not isinstance(raw, dict) or "rows" in fitted:
        return False
    return any(isinstance(value, list | dict) and value for value in raw.values())


def unpack_text(value: Any) -> Any:
    """Return the object or list that a text of JSON holds, any other value as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return trim_keys(parse_json(value, strict=False))
    except ValueError:
        return value


def _says_none(data: Any) -> bool:
    """Return whether the data of a list without rows says that there are none: an empty list, or a count of 0."""
    if not isinstance(data, dict):
        return False
    given = {key.lower(): value for key, value in data.items()}
    return isinstance(given.get("rows"), list | dict) or str(given.get("total")) == "0"


def attempt(change: Callable[[], Any]) -> HpcliError | None:
    """Make a change and return its error instead of raising it."""
    try:
        change()
    except HpcliError as error:
        return error
    return None


def _given(body: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the parameters that were given: those that are not None. No body stays none."""
    return None if body is None else {name: value for name, value in body.items() if value is not None}


def made_id(data: Mapping[str, Any], name: str, noun: str) -> str:
    """Return the id of what a change has made.

    Raises:
        PlatformError: the answer has none: nothing, a zero, or something that is neither text nor a number.
    """
    text = str(data.get(name) or "").strip()
    if not text.strip("0") or text.startswith(("[", "{")):  # lists and objects come as their text
        raise PlatformError(f"The platform did not return the {noun}.")
    return text
