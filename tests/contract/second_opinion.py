"""A second validator of requests, openapi-core, beside that of the stand-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest

from hpcli.reference.document import document

if TYPE_CHECKING:
    from werkzeug.wrappers import Request


class _OpenApiRequest(WerkzeugOpenAPIRequest):
    """A request at a host that the document names, and with the URI of §3.23 as the one part that it is there."""

    def __init__(self, request: Request, template: str) -> None:
        super().__init__(request)
        self._template = template

    @property
    def host_url(self) -> str:
        operation = document()["paths"][self._template][self.request.method.lower()]
        return str(operation.get("servers", document()["servers"])[0]["url"])

    @property
    def path(self) -> str:
        path = quote(self.request.path)
        if not self._template.endswith("{uri}"):
            return path
        front = self._template.removesuffix("{uri}")
        return front + path.removeprefix(front).replace("/", "~")


def request_faults(request: Request, template: str) -> Iterator[str]:
    """Yield what openapi-core has against a request to the operation of that path."""
    wire_form = _OpenApiRequest(request, template)
    yield from (_chain(error) for error in _openapi().iter_request_errors(wire_form))


@cache
def _openapi() -> OpenAPI:
    """Return its reader of the document; test_openapi.py checks the document itself, which takes seconds."""
    texts: dict[str, Callable[[bytes], Any]] = {"application/xml": _as_text}
    config = Config(
        extra_media_type_deserializers=texts,
        spec_validator_cls=None,  # type: ignore[arg-type]  # its code takes None as no check
    )
    return OpenAPI.from_dict(document(), config=config)


def _as_text(body: bytes, **_parameters: str) -> str:
    return body.decode()


def _chain(error: BaseException) -> str:
    """Return an error with what caused it."""
    causes: list[str] = []
    at: BaseException | None = error
    while at is not None:
        inner = getattr(at, "schema_errors", ())
        causes += [str(at), *(f"{fault.json_path}: {fault.message}" for fault in inner)]
        at = at.__cause__
    return "; ".join(causes)
