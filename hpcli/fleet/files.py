"""The files of a document: YAML, JSON, a workbook for people, and a ZIP archive with channels."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final

from hpcli.errors import UsageError
from hpcli.fleet.document import Document
from hpcli.fleet.schema import check_document
from hpcli.parse import parse_json

JSON, YAML, WORKBOOK, ARCHIVE = "json", "yaml", "xlsx", "zip"
_ENDINGS: Final = {".json": JSON, ".yaml": YAML, ".yml": YAML, ".xlsx": WORKBOOK, ".zip": ARCHIVE}
_INSIDE: Final = "fleet.json"
_LARGEST: Final = 256 << 20
_TEXT_KEYS: Final = frozenset(
    {"serial", "name", "account", "email", "id", "info", "state", "city", "street", "address"}
)
"""Keys whose values are text, also where YAML reads a number: `serial: 123456789`."""


def kind_of(path: Path) -> str:
    """Return the kind of file that a name ends with.

    Raises:
        UsageError: the name ends with something else.
    """
    kind = _ENDINGS.get(path.suffix.lower())
    if kind is None:
        raise UsageError(
            f"{path}: the name does not end with .yaml, .json, .xlsx or .zip.", hint="Such as fleet.yaml."
        )
    return kind


def encode(document: Document, kind: str) -> bytes:
    """Return the content of a file.

    Raises:
        LocalError: the library for a workbook is not installed.
    """
    writers: dict[str, Callable[[Document], bytes]] = {
        JSON: json_bytes,
        YAML: _yaml_bytes,
        WORKBOOK: _workbook_bytes,
        ARCHIVE: _archive_bytes,
    }
    return writers[kind](document)


def decode(content: bytes, kind: str, source: str) -> Document:
    """Return the document of a file.

    Args:
        content: of the file.
        kind: as `kind_of` says.
        source: names the file in messages.

    Raises:
        UsageError: it is not a document, or a workbook, which is for people.
    """
    if kind == WORKBOOK:
        raise UsageError(
            f"{source} cannot be read back: a workbook is for people.",
            hint="Use the .json, .yaml or .zip of an export.",
        )
    if kind == ARCHIVE:
        content = _from_archive(content, source)
    if not content.strip(b"\xef\xbb\xbf \t\r\n\0"):
        raise UsageError(f"{source} is empty.", hint="`hpcli fleet export` writes such files.")
    value = _from_yaml(content, source) if kind == YAML else _from_json(content, source)
    # The lines of an archive are not seen by anybody.
    return check_document(value, source, (lambda _path: None) if kind == ARCHIVE else _Lines(content).of)


def json_bytes(document: Document) -> bytes:
    """Return a document as JSON, indented, as its lines are compared with others."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def _from_json(content: bytes, source: str) -> Any:
    try:
        return parse_json(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"{source} is not valid JSON: {error.msg} at {place}.") from error
    except ValueError as error:
        raise UsageError(f"{source} is not valid JSON.") from error


def _yaml_bytes(document: Document) -> bytes:
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):  # type: ignore[misc]  # the C one is there or not
        def ignore_aliases(self, _data: Any) -> bool:
            return True

    text = yaml.dump(
        document, Dumper=Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=110
    )
    return str(text).encode("utf-8", "replace")


def _from_yaml(content: bytes, source: str) -> Any:
    """Read YAML with nothing but texts, whole numbers, true, false and null: `no` and `2026-01-01` are texts."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]  # the C one is there or not
        yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - as the base has it
            names = [key.value for key, _ in node.value]
            for name in names:
                if names.count(name) > 1:
                    line = node.start_mark.line + 1
                    raise UsageError(f"{source} has the key '{name}' twice in the block at line {line}.")
            return super().construct_mapping(node, deep)

    _add_resolvers(Loader)
    try:
        value = yaml.load(content.decode("utf-8-sig"), Loader=Loader)  # noqa: S506 - a safe loader with less
    except UnicodeDecodeError as error:
        raise UsageError(f"{source} is not UTF-8 text.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise UsageError(
            f"{source} is not valid YAML: {getattr(error, 'problem', None) or 'unreadable'}{place}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{source} is not valid YAML.") from error
    return _as_text(value)


class _Lines:
    """Finds the lines of values in YAML or JSON, which is YAML but for rare escapes.

    Args:
        content: of the file.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content

    def of(self, path: Sequence[str | int]) -> int | None:
        """Return the line of a value, or of a key; None where it cannot be found."""
        line, node = None, self._root
        for part in path:
            if isinstance(part, int):
                inner = node.value[part] if node is not None and part < len(node.value) else None
                mark = inner
            else:
                pairs = node.value if node is not None else ()
                mark, inner = next((pair for pair in pairs if pair[0].value == part), (None, None))
            if mark is None:
                return line
            line, node = mark.start_mark.line + 1, inner
        return line

    @cached_property
    def _root(self) -> Any:
        import yaml

        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            return yaml.compose(self._content.decode("utf-8-sig"), Loader=loader)
        except (yaml.YAMLError, ValueError, RecursionError):
            return None


def _add_resolvers(loader: Any) -> None:
    import re

    loader.add_implicit_resolver(
        "tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF"
    )
    loader.add_implicit_resolver(
        "tag:yaml.org,2002:null", re.compile("^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
    )
    loader.add_implicit_resolver(
        "tag:yaml.org,2002:int", re.compile("^(?:0|-?[1-9][0-9]{0,17})$"), "-0123456789"
    )


def _as_text(value: Any, key: str = "") -> Any:
    """Return data with texts where the document has texts, and keys that are texts."""
    if isinstance(value, Mapping):
        return {str(name): _as_text(item, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return (
        str(value) if key in _TEXT_KEYS and isinstance(value, int) and not isinstance(value, bool) else value
    )


def _archive_bytes(document: Document) -> bytes:
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_INSIDE, json_bytes(document))
    return stream.getvalue()


def _from_archive(content: bytes, source: str) -> bytes:
    import zipfile

    from hpcli.local.archives import BROKEN_ARCHIVE

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.getinfo(_INSIDE).file_size > _LARGEST:
                raise UsageError(f"{source} is too large.")
            return archive.read(_INSIDE)
    except BROKEN_ARCHIVE as error:
        raise UsageError(f"{source} is not an archive with {_INSIDE}.") from error


def _workbook_bytes(document: Document) -> bytes:
    from hpcli.fleet.workbook import workbook_bytes

    return workbook_bytes(document)
