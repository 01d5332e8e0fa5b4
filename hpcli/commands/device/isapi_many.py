"""The answers of many devices to `hpcli device isapi`: a table, a JSON object a line, or files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from hpcli.client.answers import Answer
from hpcli.client.device.isapi import isapi_operation
from hpcli.commands.device.isapi_answer import plain_body, save_body
from hpcli.errors import DryRun, HpcliError, LocalError
from hpcli.output import Column, View
from hpcli.plurals import quantity
from hpcli.run.context import Context
from hpcli.run.job import Job
from hpcli.run.parallel import Reply

ANSWERS = View(
    noun="device",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("STATUS", "status"),
        Column("ERROR", "error.message", wide=True, wraps=True),
        Column("BODY", "body", wide=True),
    ),
    fields=lambda: ("target", "deviceSerial", "status", "body", "body.*", "error", "error.*"),
    as_it_came=True,
)


def _result(value: Any, row: Mapping[str, Any]) -> str:
    """Show an answer on one line: the error, else the values of the body."""
    error = row.get("error")
    return str(error["message"]) if error else ", ".join(_leaves(value))


def _leaves(value: Any, name: str = "") -> Iterator[str]:
    """Yield `name value` for each value in a body, without XML attributes."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not str(key).startswith("@"):
                yield from _leaves(item, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, name)
    elif value is not None:
        yield f"{name} {value}".strip()


SUMMARY = View(
    noun="device",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("STATUS", "status"),
        Column(
            "RESULT",
            "body",
            show=_result,
            style=lambda _value, row: "bad" if row.get("error") else None,
            wide=True,
            wraps=True,
        ),
    ),
    fields=lambda: ("target", "deviceSerial", "status", "body", "body.*", "error", "error.*"),
    as_it_came=True,
)


SAVED = View(
    noun="device",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("STATUS", "status"),
        Column("FILE", "file", wide=True, wraps=True),
        Column("ERROR", "error.message", wide=True, wraps=True),
    ),
    fields=lambda: ("target", "deviceSerial", "status", "file", "body", "body.*", "error", "error.*"),
)


def show_many(
    ctx: Context,
    serials: Sequence[str],
    ask: Callable[[str], Answer],
    method: str,
    uri: str,
    save: str | None,
) -> None:
    """Print one row for each device, in input order; failures are rows too and decide the exit code."""
    from hpcli.run.attempts import raise_failures

    errors: list[HpcliError | None] = []
    is_change = isapi_operation(method, uri).change
    shown = Shown.NOT if is_change and ctx.settings.get("dry-run") else _shown_as(ctx, save)
    view = SAVED if save is not None else ANSWERS
    ctx.run.printer.check(view)  # refuse wrong --fields before anything is sent

    def send(serial: str) -> Answer | DryRun:
        try:
            return ask(serial)
        except DryRun as planned:
            return planned

    def row_of(serial: str, answer: Answer) -> tuple[dict[str, Any], HpcliError | None]:
        head = {"target": serial, "deviceSerial": serial, "status": answer.status}
        if save is None:
            return head | {"body": plain_body(answer, method, uri)}, None
        fields, error = _saved(ctx, serial, answer, method, uri, save, shown)
        return head | fields, error

    def rows() -> Iterator[dict[str, Any]]:
        for reply in _replies(ctx, serials, send, job, shown):
            if isinstance(reply.result, DryRun):
                ctx.run.plans.append(reply.result.plan)
                continue
            error = reply.error
            if reply.result is not None:
                row, error = row_of(reply.item, reply.result)
                yield row
            elif error is not None:
                yield _failed(ctx, reply.item, error, shown)
            errors.append(error)

    serials = list(ctx.run.job.select(serials))
    with ctx.run.job.following_parallel(serials, is_change=is_change) as job:
        _print_rows(ctx, rows(), shown, view)
    _count(ctx, errors, shown)
    raise_failures(errors)


class Shown(Enum):
    """How the answers of several devices are printed."""

    SUMMARY = "a table for people"
    LINES = "ndjson"
    ROWS = "as -o, --fields or --query ask"
    NOT = "not at all: they are in files, in messages on stderr, or nothing was sent"


def _replies(
    ctx: Context,
    serials: Sequence[str],
    send: Callable[[str], Answer | DryRun],
    job: Job | None,
    shown: Shown,
) -> Iterator[Reply[str, Answer | DryRun]]:
    """Send to each device, and show how far that is."""
    from hpcli.commands.framework.long_work import announce, watched
    from hpcli.run.parallel import fan_out

    announce(ctx, len(serials), "device")
    replies = fan_out(serials, send, at_once=ctx.settings.get("concurrency"), job=job)
    fills_terminal = ctx.run.options.is_terminal and shown is not Shown.NOT
    return watched(ctx, replies, "device", lambda: len(serials), fills_terminal=fills_terminal)


def _saved(
    ctx: Context, serial: str, answer: Answer, method: str, uri: str, save: str, shown: Shown
) -> tuple[dict[str, Any], LocalError | None]:
    """Save an answer; return the fields of its row. To a change it comes but once, so it is shown then."""
    try:
        return {"file": save_body(ctx, answer, save, serial, is_told=shown is Shown.NOT)}, None
    except LocalError as error:
        ctx.warn(f"{serial}: answered HTTP {answer.status}, but {error}")
        body = {"body": plain_body(answer, method, uri)} if isapi_operation(method, uri).change else {}
        return body | {"error": error.as_dict() | {"target": serial}}, error


def _shown_as(ctx: Context, save: str | None) -> Shown:
    is_asked = ctx.settings.locate("output")[1] != "default" or ctx.settings.get("query")
    if is_asked or ctx.run.options.fields:
        return Shown.ROWS
    if save is not None:
        return Shown.NOT
    return Shown.SUMMARY if ctx.run.options.is_terminal else Shown.LINES


def _failed(ctx: Context, serial: str, error: HpcliError, shown: Shown) -> dict[str, Any]:
    if shown is not Shown.SUMMARY:  # the table shows the error itself
        ctx.warn(f"{serial}: {error}")
    from hpcli.isapi.errors import DeviceRefusedError

    status = error.http_status if isinstance(error, DeviceRefusedError) else None  # the device did not answer
    return {
        "target": serial,
        "deviceSerial": serial,
        "status": status,
        "error": error.as_dict() | {"target": serial},
    }


def _print_rows(ctx: Context, rows: Iterator[dict[str, Any]], shown: Shown, view: View) -> None:
    match shown:
        case Shown.ROWS:
            ctx.run.printer.rows(rows, view)
        case Shown.SUMMARY:
            ctx.run.printer.rows(rows, SUMMARY)
        case Shown.LINES:
            from hpcli.output import json_line

            for row in rows:
                ctx.show_text(json_line(row))
        case Shown.NOT:
            from hpcli.output import json_line

            for row in rows:
                if "body" in row:  # its file could not be written
                    ctx.show_text(json_line(row))


def _count(ctx: Context, errors: Sequence[HpcliError | None], shown: Shown) -> None:
    """Print how many devices answered."""
    if not errors or shown not in (Shown.SUMMARY, Shown.NOT):
        return
    failed = sum(error is not None for error in errors)
    done = len(errors) - failed
    told = f"{done} answered" if shown is Shown.SUMMARY else f"Saved {quantity(done, 'file')}"
    ctx.info(f"{told}, {failed} failed.")
