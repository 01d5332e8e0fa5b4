"""Every field that the guide gives a request can be sent, or stands in unreached_fields.tsv with the reason.

What can be sent is seen, not read from the code: the command lines of commands.yaml and field_lines.yaml run, and what
arrives at the stand-in or is planned by `--dry-run` counts.
"""

from __future__ import annotations

import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from hpcli.errors import ExitCode
from hpcli.reference.document import document
from hpcli.sandbox import DEVICE_PASSWORD
from tests.contract.fields import BODY, Field, guide_fields, sent_fields, unreached
from tests.contract.lines import SERVICES, documented, line_of
from tests.contract.occasions import prepare
from tests.contract.recorder import Recorder
from tests.support.inside import InsideRunner
from tests.support.platform_server import Platform, start_platform

ENDINGS = (ExitCode.DONE, ExitCode.NOT_FOUND, ExitCode.DEVICE)
"""A device may lack a URI of §3.23; the request has been sent all the same."""

PASSED_ON = ("deviceTransparent", "isapi")
DEVICE_USER = ["--as", "admin", "--as-password-stdin", "--user-level", "admin"]

TAGS = sorted({operation["tags"][0] for operation in documented().values()})


@cache
def more_lines() -> dict[str, list[str]]:
    """Return further command lines by the names of their operations, for fields that commands.yaml does not send."""
    text = Path(__file__).with_name("field_lines.yaml").read_text(encoding="utf-8")
    lines: dict[str, list[str]] = yaml.safe_load(text)
    return lines


def operations_of(tag: str) -> list[str]:
    return [operation["operationId"] for operation in documented().values() if operation["tags"][0] == tag]


def test_the_lists_name_fields_that_exist() -> None:
    names = {operation["operationId"] for operation in documented().values()}
    assert {field.operation for field in guide_fields()} | set(more_lines()) <= names
    assert set(unreached()) <= set(guide_fields()) | document_fields()
    assert all(unreached().values())


def test_the_document_has_every_field_of_the_guide() -> None:
    described = {_folded(field) for field in document_fields()}
    messages = {row["operationId"] for row in documented().values() if "x-request-message" in row}
    missing = {
        field
        for field in map(_folded, guide_fields())
        if field not in described and not (field.place == "body" and field.operation in messages)
    }
    assert not missing, _listed(missing)


@pytest.mark.usefixtures("no_call_limit")
@pytest.mark.parametrize("tag", TAGS)
def test_every_field_can_be_sent(tag: str, tmp_path: Path, audit: Path) -> None:
    names = operations_of(tag)
    wanted = {_folded(field) for field in {*guide_fields(), *document_fields()} if field.operation in names}
    excused = {_folded(field) for field in unreached()}
    with start_platform(tmp_path / "platform.db", recorder := Recorder(audit)) as platform:
        platform.configure(poll_seconds=0.2, answer_seconds=0, task_seconds=0.001)
        sent = {_folded(field) for name in names for field in _run(name, platform, recorder, tmp_path)}
    assert wanted <= sent | excused, f"nothing sends:\n{_listed(wanted - sent - excused)}"
    assert not sent & excused, f"these are sent, so need no excuse:\n{_listed(sent & excused)}"


def _run(name: str, platform: Platform, recorder: Recorder, folder: Path) -> set[Field]:
    """Run the command lines of an operation; return the fields of all requests that arrived or were planned."""
    recorder.arrivals.clear()
    sent: set[Field] = set()
    options = ["--yes"] if name in SERVICES else ["--dry-run", "-o", "json"]
    user = DEVICE_USER if name.startswith(PASSED_ON) else []
    for line, more in ((line_of(name), user), *((line, []) for line in more_lines().get(name, ()))):
        words = [*shlex.split(prepare(line, platform, folder)), *more, *options]
        run = InsideRunner()(*words, stdin=f"{DEVICE_PASSWORD}\n", environment=platform.environment)
        assert run.exit_code in ENDINGS, f"{line}: {run.stderr}"
        if run.stdout.startswith("[") and name not in SERVICES:
            for plan in run.json:
                if isinstance(plan, dict) and {"method", "url"} <= plan.keys():
                    sent.update(sent_fields(plan["method"], plan["url"], plan["headers"], plan.get("body")))
    for arrival in recorder.arrivals:
        request = arrival.request
        sent.update(sent_fields(request.method, request.full_path, dict(request.headers), arrival.body))
    return sent


@cache
def document_fields() -> set[Field]:
    """Return the fields that the document gives requests; fields of device messages are in guide_fields.tsv alone."""
    found: set[Field] = set()
    for (_, path), operation in documented().items():
        name = operation["operationId"]
        shared = document()["paths"][path].get("parameters", [])
        for parameter in map(_resolved, [*shared, *operation.get("parameters", [])]):
            found.add(Field(name, parameter["in"], parameter["name"]))
        for media in operation.get("requestBody", {}).get("content", {}).values():
            if "x-request-message" not in operation:
                found.update(Field(name, "body", path) for path in _leaves(media["schema"], "") or [BODY])
    return found


def _leaves(schema: Any, path: str) -> list[str]:
    schema = _resolved(schema)
    if "items" in schema:
        return _leaves(schema["items"], path)
    below = [
        leaf
        for key, value in schema.get("properties", {}).items()
        for leaf in _leaves(value, f"{path}.{key}" if path else key)
    ]
    return below or [path] * bool(path)


def _resolved(node: Any) -> Any:
    while "$ref" in node:
        found: Any = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def _listed(fields: set[Field]) -> str:
    return "\n".join(" ".join(field) for field in sorted(fields))


def _folded(field: Field) -> Field:
    """Return a field with the name of a header in small letters, which counts for nothing."""
    return field._replace(name=field.name.lower()) if field.place == "header" else field
