"""What arrives at the stand-in and which methods of the client sent it, checked by a second validator."""

from __future__ import annotations

import importlib
import inspect
import io
import json
import pkgutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.formparser import parse_form_data

from hpcli import client
from hpcli.client.calls import Calls
from hpcli.client.wire import Wire
from hpcli.reference.document import find_operation
from hpcli.sandbox.http.audit import Audit

if TYPE_CHECKING:
    import pytest
    from werkzeug.wrappers import Request, Response


@dataclass(frozen=True)
class Arrival:
    """One request as the stand-in got it."""

    operation_id: str
    template: str
    request: Request
    answer: Response

    @property
    def body(self) -> Any:
        """Its body: JSON as data, a form as the name and size of its file, else text."""
        content = self.request.get_data()
        if content and self.request.mimetype == "application/json":
            return json.loads(content)
        if self.request.mimetype == "multipart/form-data":
            form = {**self.request.environ, "wsgi.input": io.BytesIO(content)}
            file = parse_form_data(form)[2]["file"]
            with closing(file.stream):
                return {"file": f"{file.filename} ({len(file.read())} bytes)"}
        return content.decode() or None

    def faults(self) -> list[str]:
        """Return what openapi-core has against it."""
        from tests.contract.second_opinion import request_faults  # openapi-core is slow to import

        return list(request_faults(self.request, self.template))


class Recorder(Audit):
    """Keeps every request with its answer, which is checked as `Audit` does."""

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self.arrivals: list[Arrival] = []

    def check(self, request: Request, answer: Response) -> Response:
        """Check the answer, keep both."""
        checked = super().check(request, answer)
        found = find_operation(request.method, quote(request.path))
        if found is not None:
            template, operation = found
            self.arrivals.append(Arrival(operation["operationId"], template, request, checked))
        return checked

    def of(self, operation_id: str) -> list[Arrival]:
        """Return the requests of one operation."""
        return [arrival for arrival in self.arrivals if arrival.operation_id == operation_id]


class Senders:
    """Which public methods of the client sent which calls: `of[(method, path)]` has their names."""

    def __init__(self) -> None:
        self.of: dict[tuple[str, str], set[str]] = {}
        self._running = threading.local()

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        """Watch all methods of the client until the patch is undone."""
        for module in pkgutil.walk_packages(client.__path__, "hpcli.client."):
            importlib.import_module(module.name)
        for family in _families(Calls):
            for name, function in vars(family).items():
                if inspect.isfunction(function) and not name.startswith("_"):
                    patch.setattr(family, name, self._told(f"{family.__name__}.{name}", function))
        patch.setattr(Wire, "send", self._noting(Wire.send))

    def _told(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def told(*arguments: Any, **named: Any) -> Any:
            with self._inside(name):
                result = function(*arguments, **named)
            return self._rows(name, result) if isinstance(result, Iterator) else result

        return told

    def _rows(self, name: str, rows: Iterator[Any]) -> Iterator[Any]:
        while True:
            with self._inside(name):
                try:
                    row = next(rows)
                except StopIteration:
                    return
            yield row

    @contextmanager
    def _inside(self, name: str) -> Iterator[None]:
        outermost = getattr(self._running, "name", None)
        self._running.name = outermost or name
        try:
            yield
        finally:
            self._running.name = outermost

    def _noting(self, send: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(send)
        def noting(wire: Wire, request: Any, *arguments: Any) -> Any:
            name = getattr(self._running, "name", None)
            if name is not None:
                operation = request.operation
                self.of.setdefault((operation.method, operation.path), set()).add(name)
            return send(wire, request, *arguments)

        return noting


def _families(base: type[Calls]) -> Iterator[type[Calls]]:
    for family in base.__subclasses__():
        yield family
        yield from _families(family)
