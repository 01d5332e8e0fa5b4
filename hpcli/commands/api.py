"""`hpcli api`: make any authenticated API request."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from hpcli.api.operation import API, Operation
from hpcli.client.raw import full_path, raw_operation
from hpcli.commands.framework.family import Single
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.masking import is_secret
from hpcli.output import Column, Format, View
from hpcli.parse import parse_json
from hpcli.run.context import Context

_HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # RFC 9110 §5.1


_METHODS = ("GET", "PUT", "POST", "DELETE")


# The user may name any call, so the verb carries the marks of the most dangerous one.
ANY_CALL = Operation("POST", API + "{path}", "chapter 3", change=True, asks=True)


OPERATIONS = View(
    noun="operation",
    id="operationId",
    columns=(
        Column("SECTION", "section"),
        Column("METHOD", "method"),
        Column("PATH", "path"),
        Column("SUMMARY", "summary", wide=True, wraps=True, priority=1),
    ),
    fields=lambda: ("section", "method", "path", "operationId", "family", "summary"),
)


@calls(ANY_CALL)
def call_api(
    ctx: Context,
    words: Annotated[
        list[str] | None, typer.Argument(help="Path, with or without /api/hpcgw/.", metavar="[METHOD] PATH")
    ] = None,
    method: Annotated[
        str | None, typer.Option("--method", "-X", help="HTTP method.", metavar="METHOD")
    ] = None,
    data: Annotated[
        str | None, typer.Option("--data", help="JSON body; - for stdin, @FILE for a file.", metavar="BODY")
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option("--header", "-H", help="Header; may be repeated.", metavar="NAME:VALUE"),
    ] = None,
    paginate: Annotated[bool, typer.Option("--paginate", help="Fetch every page; print the rows.")] = False,
    list_calls: Annotated[bool, typer.Option("--list", help="List all API calls.")] = False,
    spec: Annotated[bool, typer.Option("--spec", help="Print the OpenAPI document.")] = False,
) -> None:
    """Make an authenticated API request.

    The default method is that of the OpenAPI document, else POST with --data, else
    GET. Every request except a known read asks for confirmation. The answer is
    printed unchanged, with secrets; other commands hide them.

    $ hpcli api v1/site/search --data '{"page": 1, "pageSize": 5}'
    $ hpcli api POST /api/hpcgw/v1/device/list --paginate -o ndjson
    $ hpcli api --list
    """
    if spec:
        return _print_spec(ctx)
    if list_calls:
        ctx.show(_operations(), OPERATIONS)
        return None
    named, path, given = _split(words or [], method)
    body = ctx.inputs.read_json(data, "body") if data is not None else None
    verb = named or _documented_method(path) or ("POST" if data is not None else "GET")
    headers = dict(_header(text) for text in header or [])
    if paginate and not isinstance(body or {}, dict):
        raise UsageError("--paginate needs a JSON object as body.")
    if raw_operation(verb, path).asks:
        ctx.confirm(f"Send {verb} {full_path(path)}?")
    if paginate:
        rows = ctx.client.raw.pages(verb, path, body or {}, query=given, headers=headers)
        _print_rows(ctx, rows)
    else:
        _print_answer(ctx, ctx.client.raw.call(verb, path, body=body, query=given, headers=headers).body)
    return None


def _split(words: list[str], method: str | None) -> tuple[str | None, str, dict[str, str]]:
    """Split `[METHOD] PATH`; an optional first argument would swallow the path."""
    from urllib.parse import parse_qsl

    rest = list(words)
    named = method.upper() if method else None
    if len(rest) == 2 and named is None and rest[0].isalpha():
        named = rest.pop(0).upper()
    if len(rest) != 1:
        raise UsageError("Give exactly one path.", hint="`hpcli api --list` shows the paths.")
    if named is not None and named not in _METHODS:
        raise UsageError(f"'{named}' is not an HTTP method.", hint=f"Choose from: {', '.join(_METHODS)}.")
    if "://" in rest[0]:
        raise UsageError("Give the path without the host.", hint="For example: `hpcli api v1/site/search`.")
    path, _, query = rest[0].partition("?")
    _check_version(path)
    return named, path, dict(parse_qsl(query, keep_blank_values=True))


def _check_version(path: str) -> None:
    """Refuse a documented path that lacks its version; the platform would only answer that it does not exist."""
    from hpcli.reference.choices import did_you_mean
    from hpcli.reference.document import find_operation

    versioned = f"v1/{path.lstrip('/')}"
    is_documented = any(find_operation(method, full_path(versioned)) for method in _METHODS)
    if is_documented and not any(find_operation(method, full_path(path)) for method in _METHODS):
        raise UsageError(f"There is no path {path}.", hint=did_you_mean([versioned], "{}").rstrip())


def _documented_method(path: str) -> str | None:
    from hpcli.reference.document import find_operation

    found = [m for m in ("POST", "GET", "PUT", "DELETE") if find_operation(m, full_path(path))]
    return found[0] if len(found) == 1 else None


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or re.fullmatch(_HEADER_NAME, name.strip()) is None:
        raise UsageError(f"--header '{text}' is not NAME:VALUE.")
    if is_secret(name):
        raise UsageError(
            f"{name.strip()} cannot be given on the command line, where other users can read it."
        )
    return name.strip(), value.strip()


def _operations() -> list[dict[str, Any]]:
    from hpcli.reference.document import document

    return [
        {
            "section": operation.get("x-section", ""),
            "method": method.upper(),
            "path": path,
            "operationId": operation.get("operationId", ""),
            "family": operation["tags"][0],
            "summary": operation.get("summary", ""),
        }
        for path, item in document()["paths"].items()
        for method, operation in item.items()
        if method.upper() in _METHODS
    ]


def _print_spec(ctx: Context) -> None:
    from hpcli.reference.document import document

    ctx.run.printer.value(document(), as_it_came=True)


def _print_rows(ctx: Context, rows: Iterator[Any]) -> None:
    """Print rows: as ndjson line by line, else as one array."""
    if ctx.run.printer.format is Format.NDJSON:
        for row in rows:
            ctx.run.printer.value([row], as_it_came=True)
    else:
        ctx.run.printer.value(list(rows), as_it_came=True)


def _print_answer(ctx: Context, body: bytes) -> None:
    try:
        value = parse_json(body)
    except ValueError:
        ctx.run.printer.body(body)
        return
    ctx.run.printer.value(value, as_it_came=True)


app = Single("api:call_api")
