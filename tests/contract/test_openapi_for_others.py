"""The OpenAPI document as programs read it that make clients and mocks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from hpcli.isapi.definitions import Field, messages
from hpcli.isapi.messages import to_plain
from hpcli.isapi.recognise import recognise
from hpcli.reference.document import document, properties_of, resolve
from hpcli.sandbox.http.leniency import with_components


def operations() -> Iterator[dict[str, Any]]:
    for item in document()["paths"].values():
        yield from (item[verb] for verb in ("get", "put", "post", "delete") if verb in item)


def schemas(node: Any, seen: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """Yield every schema below a node, following references once."""
    if isinstance(node, list):
        for item in node:
            yield from schemas(item, seen)
    elif isinstance(node, dict):
        yield node
        ref = node.get("$ref")
        if isinstance(ref, str) and ref not in seen:
            yield from schemas(resolve(node), seen | {ref})
        for value in node.values():
            yield from schemas(value, seen)


def test_programs_that_make_clients_can_read_it() -> None:
    """They lose what stands beside `allOf`, and cannot read plain types mixed with others."""
    for operation in operations():
        for schema in schemas(operation["responses"]):
            name = operation["operationId"]
            assert not ("allOf" in schema and "properties" in schema), name
            kinds = schema.get("type")
            if isinstance(kinds, list) and {"object", "array"}.intersection(kinds):
                assert len(set(kinds) - {"null"}) == 1, name
            assert "items" in schema or "array" not in (kinds or ()), name


def test_an_answer_with_data_has_a_type_of_its_own() -> None:
    answers = {}
    for operation in operations():
        ok = operation["responses"]["200"]
        if "content" in ok and "data" in properties_of(schema := ok["content"]["application/json"]["schema"]):
            answers[operation["operationId"]] = schema["$ref"].rpartition("/")[2]
    bare = {name for name, answer in answers.items() if answer == "Envelope"}
    named = {name: answer for name, answer in answers.items() if name not in bare}
    assert (len(bare), named.pop("tokenGet")) == (27, "TokenAnswer")
    assert all(answer.lower() == f"{name}answer".lower() for name, answer in named.items())


def test_examples_say_success_and_fit() -> None:
    assert properties_of(document()["components"]["schemas"]["Envelope"])["errorCode"]["examples"] == ["0"]
    for operation in operations():
        for schema in schemas(operation["responses"]):
            for example in schema.get("examples", ()) if isinstance(schema.get("examples"), list) else ():
                assert not list(Draft202012Validator(with_components(schema)).iter_errors(example)), (
                    operation["operationId"]
                )


def test_what_devices_answer_has_an_example_that_hpcli_can_read() -> None:
    for operation in operations():
        message = operation.get("x-answer-message")
        if message is None:
            continue
        media = "application/json" if message.startswith("JSON") else "application/xml"
        first, content = next(iter(resolve(operation["responses"]["200"])["content"].items()))
        assert (first, "example" in content) == (media, True), operation["operationId"]
        example = content["example"]
        body = example if isinstance(example, str) else json.dumps(example)
        read = to_plain(body.encode(), message, media)
        if not message.startswith(("JSON_ResponseStatus", "XML_ResponseStatus")):
            recognise(body.encode(), message, media)
        unknown = [name for name in _names(read) if name not in _known_names(message)]
        assert unknown == [], operation["operationId"]


def _names(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else []:
        yield from _names(item)
    for name, item in value.items() if isinstance(value, dict) else []:
        if not name.startswith("@"):
            yield name
        yield from _names(item)


def _known_names(message: str) -> set[str]:
    def below(field: Field) -> Iterator[str]:
        for child in field.children.values():
            yield child.name
            yield from below(child)

    return set(below(messages()[message].document))
