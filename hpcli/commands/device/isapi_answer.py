"""The answer of one device to `hpcli device isapi`: as data, indented, or in a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hpcli.client.answers import Answer
from hpcli.errors import UsageError
from hpcli.parse import parse_json
from hpcli.run.context import Context


def check_save(save: str, serials: Sequence[str], *, is_many: bool) -> None:
    """Refuse files that cannot be written before anything is sent."""
    from hpcli.local.files import check_place

    if is_many and "{serial}" not in save:
        raise UsageError("For several devices the file name of --save needs {serial}.")
    for serial in serials:
        check_place(_file_of(save, serial))


def _file_of(save: str, serial: str) -> Path:
    return Path(save.replace("{serial}", serial))


def save_body(ctx: Context, answer: Answer, save: str, serial: str, *, is_told: bool) -> str:
    """Write the body to the device's file; return its name."""
    from hpcli.local.files import write_whole

    file = _file_of(save, serial)
    write_whole(file, answer.body)
    if is_told:
        ctx.info(f"Saved {file}.")
    return str(file)


def plain_body(answer: Answer, method: str, uri: str) -> Any:
    """Return a body as data: a message, any other JSON, or text; of anything else type and size."""
    from hpcli.isapi.body import Kind, read_body
    from hpcli.isapi.definitions import find_uri
    from hpcli.isapi.messages import body_to_plain

    content_type = answer.headers.get("Content-Type", "")
    body = read_body(answer.body, content_type)
    if body.kind is Kind.JSON and not isinstance(body.value, dict):
        return body.value
    if body.kind in (Kind.JSON, Kind.XML):
        known = find_uri(method, "/" + uri)
        return body_to_plain(body, known.response if known else None)
    if body.kind in (Kind.BINARY, Kind.EMPTY, Kind.BLANK):
        return {"contentType": content_type, "size": len(answer.body)}
    return {"text": body.text}


def indented_body(answer: Answer) -> bytes:
    """Return XML or JSON indented for reading; other bodies stay unchanged."""
    import json

    from hpcli.isapi.xml import XmlError, parse_xml, to_text

    try:
        if answer.body.lstrip()[:1] == b"<":
            return to_text(parse_xml(answer.body)).encode()
        return json.dumps(parse_json(answer.body), indent=2, ensure_ascii=False).encode()
    except (XmlError, ValueError):
        return answer.body
