"""Object models of devices (Guide §3.24.6): cached by digest, flattened, drawn as a tree."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpcli.local.own_folder import OwnFolder
from hpcli.parse import parse_serial

KINDS = {"props": "property", "actions": "action", "events": "event"}
"""The lists of a domain and the kind of their items."""


@dataclass(frozen=True, slots=True)
class ObjectModels:
    """The models of one account's devices, `<cache_dir>/<account id>/models/SERIAL[.schema].json`.

    Args:
        folder: folder of the models.
    """

    folder: OwnFolder

    def load(self, serial: str, *, schema: bool = False) -> dict[str, Any] | None:
        """Return the last answer of the platform, None if no complete one is cached."""
        try:
            kept = json.loads(self.folder.read(_name(serial, schema=schema)))
        except (OSError, ValueError):
            return None
        is_whole = isinstance(kept, dict) and bool(kept.get("md5")) and isinstance(kept.get("profile"), dict)
        return kept if is_whole else None

    def store(self, serial: str, answer: Mapping[str, Any], *, schema: bool = False) -> None:
        """Cache an answer with a model and its digest; if it cannot be written, it is fetched again next time."""
        if not answer.get("md5") or not isinstance(answer.get("profile"), Mapping):
            return
        content = json.dumps({**answer, "gzipProfile": None}, ensure_ascii=False).encode()
        try:
            self.folder.replace(_name(serial, schema=schema), content)
        except OSError:
            return


def models_folder(cache_dir: Path, account_id: str) -> OwnFolder:
    """Return the cache of an account's models."""
    return OwnFolder(cache_dir, (account_id, "models"))


def _name(serial: str, *, schema: bool) -> str:
    return f"{parse_serial(serial).upper()}{'.schema' if schema else ''}.json"


def model_rows(profile: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the properties, actions and events of a model.

    Yields:
        {resource, localIndex, domain, kind: property|action|event, identifier, access, title, version};
        access is the direction in the model: rw, Plt2Dev, notification.
    """
    for resource in _objects(profile.get("resources")):
        for domain in _objects(resource.get("domains")):
            for name, kind in KINDS.items():
                for item in _objects(domain.get(name)):
                    yield {
                        "resource": resource.get("resourceCategory") or resource.get("identifier"),
                        "localIndex": resource.get("localIndex"),
                        "domain": domain.get("identifier"),
                        "kind": kind,
                        "identifier": item.get("identifier"),
                        "access": _access(item),
                        "title": item.get("title"),
                        "version": item.get("version"),
                    }


def tree_lines(serial: str, answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield a model as a tree: resources, their domains, the properties, actions and events of each."""
    details = [
        f"{name} {answer[key]}"
        for key, name in (("productId", "model"), ("version", "version"))
        if answer.get(key)
    ]
    yield f"{serial}  {', '.join(details)}".rstrip()
    profile = answer.get("profile") or {}
    for branch, inner, resource in _branches(profile.get("resources"), ""):
        yield branch + _resource_words(resource)
        for domain_branch, domain_inner, domain in _branches(resource.get("domains"), inner):
            yield domain_branch + _words(domain.get("identifier"), domain.get("title"))
            items = [(kind, item) for name, kind in KINDS.items() for item in _objects(domain.get(name))]
            for place, (kind, item) in enumerate(items, start=1):
                access = _access(item)
                name = f"{kind} {item.get('identifier')}" + (f" ({access})" if access else "")
                yield f"{domain_inner}{'└─ ' if place == len(items) else '├─ '}{_words(name, item.get('title'))}"


def _branches(entries: Any, indent: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield each object with the prefixes of its own line and of the lines below it."""
    objects = _objects(entries)
    for place, entry in enumerate(objects, start=1):
        is_last = place == len(objects)
        yield indent + ("└─ " if is_last else "├─ "), indent + ("   " if is_last else "│  "), entry


def _resource_words(resource: Mapping[str, Any]) -> str:
    name = resource.get("resourceCategory") or resource.get("identifier")
    indexes = resource.get("localIndex")
    numbers = ", ".join(map(str, indexes)) if isinstance(indexes, list) else ""
    return _words(f"{name} [{numbers}]" if numbers else str(name), resource.get("title"))


def _words(name: Any, title: Any) -> str:
    return f"{name}  {title}" if title and title != name else str(name)


def _access(item: Mapping[str, Any]) -> str:
    value = item.get("access") or item.get("direction") or item.get("eventType") or ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _objects(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a list, or a single object as a list."""
    entries: Iterable[Any] = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, Mapping)]
