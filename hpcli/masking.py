"""Mask secrets by the names of their fields, in everything that hpcli prints.

This is the only list of such names. Plans of `--dry-run`, printed rows, outcomes of changes and error messages use
it; traces show an allow-list of names instead (`client.wire`). Data that the user explicitly asks for is not masked:
`device pin`, `auth token`, and the bodies of `device isapi` and `api`, which scripts edit and send back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

HIDDEN = "***"

# Fields of the guide (secretKey, X-Password, pinCode, validateCode) and of devices (loginPassword, verificationCode).
_HIDDEN_FIELDS = (
    r".*(authorization|password|passwd|passcode|passphrase|pwd|secret|pincode|userpass|(read|write|snmp).*community"
    r"|(validate|verif.*|stream|dynamic|operate|security|access|duress|disarm|unlock|keypad|activation|auth|sms)code"
    r"|(encrypt.*|stream|picture|aes|private|pre-?shared|wpa|psk|wi-?fi|network|session|hmac|license|api)key).*"
    r"|x?pin|psk|(access|refresh|session|bearer|auth|id|api)?token"
)
_PUNCTUATION = r"[^a-z0-9]+"
_SHORTEST_ECHO = 4
"""Minimum length of a secret to look for in a text; shorter ones would match by chance."""

# Compiled when a text is masked, which most commands never do.
_LONGEST_SECRET = 400
_MOST_KNOWN = 5000
_KNOWN: dict[str, None] = {}
"""Secrets that were sent, the latest ones last."""

_ELEMENT = r"<([A-Za-z_][\w.:-]*)[^<>]*>([^<>]+)</"
_START_TAG = r"<([A-Za-z_][\w.:-]*)(?:\s[^<>]*)?(?<!/)>"
_VALUE = (
    r"""(?P<value>\\+"(?:(?!\\+").)*(?:\\+")?|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?"""
    r"""|[^\s&,;<>"'{}\[\]()\\]+)"""
)
_PAIR = (
    r"""(?P<name>(?P<mark>\\*["']?)(?:[A-Za-z]|\\u[0-9A-Fa-f]{4})(?:[\w.@-]|\\u[0-9A-Fa-f]{4})*(?P=mark))"""
    r"""(?P<between>\s*[=:]\s*)""" + _VALUE
)
_LABELS = frozenset(
    {"propid", "name", "key", "field", "param", "paramname", "parameter", "attribute", "property"}
)
_VALUES = frozenset({"value", "values", "val", "paramvalue"})
"""Objects such as `{"name": "password", "value": "x"}` name a field in one member and have its value in another."""

_LABEL = f"(?:{'|'.join(sorted(_LABELS, key=len, reverse=True))})"
_LABELLED = f"(?:{'|'.join(sorted(_VALUES, key=len, reverse=True))})"
_LABELLED_PAIR = (
    rf"""(?i)(?P<head>\\*["']?\b{_LABEL}\b\\*["']?\s*[=:]\s*\\*["']?(?P<label>[\w.@:-]+)\\*["']?\s*[,;&\s]\s*"""
    rf"""\\*["']?\b{_LABELLED}\b\\*["']?\s*[=:]\s*)""" + _VALUE
)
_ENTITY = r"""(<!ENTITY\s+(?:%\s+)?[^\s"'>]+\s+)(["'])(?:(?!\2).)*(?:\2|\Z)"""
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
"""`&amp;` comes last, so that what it leaves is not decoded a second time."""
_FLAT = frozenset({str, int, float, bool, type(None)})


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether a field, header, element or parameter of this name holds a secret."""
    return re.fullmatch(_HIDDEN_FIELDS, re.sub(_PUNCTUATION, "", name.rpartition(":")[2].lower())) is not None


def mask(value: Any) -> Any:
    """Return `value` with its secrets masked, at every depth; booleans and null are never secrets."""
    if _has_nothing_to_mask(value):
        return value
    whole: list[Any] = [value]
    pending: list[Any] = [whole]
    while pending:  # recursion would fail at a depth that depends on the Python version
        current = pending.pop()
        for key, item in _masked_items(current):
            if type(item) in _FLAT:
                current[key] = item
            elif isinstance(item, Mapping):
                current[key] = dict(item)
                pending.append(current[key])
            elif isinstance(item, list | tuple):
                current[key] = list(item)
                pending.append(current[key])
            else:
                current[key] = item
    return whole[0]


def _has_nothing_to_mask(value: Any) -> bool:
    """Return whether no field of plain data is a secret, at any depth: long lists consist of such rows."""
    pending = [value]
    while pending:
        current = pending.pop()
        if type(current) is dict:
            if not _are_harmless(tuple(current)):
                return False
            if not _FLAT.issuperset(map(type, current.values())):
                pending += [item for item in current.values() if type(item) not in _FLAT]
        elif type(current) is list:
            pending += [item for item in current if type(item) not in _FLAT]
        elif type(current) not in _FLAT:
            return False
    return True


@lru_cache(maxsize=1024)
def _are_harmless(names: tuple[Any, ...]) -> bool:
    folded = {str(name).lower() for name in names}
    has_label = not (folded.isdisjoint(_LABELS) or folded.isdisjoint(_VALUES))
    return not has_label and not any(is_secret(str(name)) for name in names)


def _labels_secret(container: Mapping[Any, Any]) -> bool:
    """Return whether an object names a secret whose value is in another member, as object models do (§3.24)."""
    return any(
        isinstance(item, str) and str(key).lower() in _LABELS and is_secret(item)
        for key, item in container.items()
    )


def _masked_items(container: dict[str, Any] | list[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield the keys or indexes of a container with their values, masked for secret fields."""
    if isinstance(container, list):
        yield from enumerate(container)
        return
    hides_value = _labels_secret(container)
    for key, item in container.items():
        is_hidden = is_secret(str(key)) or (hides_value and str(key).lower() in _VALUES)
        yield key, _hidden(item) if is_hidden else item


def mask_text(text: str) -> str:
    """Return a text with its secrets masked, in XML elements, JSON members and name=value pairs."""
    if "<" in text:
        text = _without_elements(
            _without_labelled_elements(re.sub(rf"(?is){_ENTITY}", rf"\1\2{HIDDEN}\2", text))
        )
    if "=" not in text and ":" not in text:
        return text
    return re.sub(_PAIR, _masked_pair, re.sub(_LABELLED_PAIR, _masked_labelled, text))


def mask_values(text: str, secrets: Mapping[str, Any] | list[Any]) -> str:
    """Return a text without the values of the secret fields of `secrets`, which a server may have echoed."""
    for value in sorted(_secret_values(secrets), key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return text


def quote_line(text: str, longest: int = 80) -> str:
    """Return the beginning of a foreign text for a message: one line, with controls escaped and secrets masked.

    Args:
        text: what a server, a device or a file said.
        longest: characters; a longer text ends with `…`.
    """
    masked = " ".join(mask_text(mask_known(text[: 4 * longest + _LONGEST_SECRET])).split())
    line = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in masked)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def masked_name(value: Any) -> str | None:
    """Return the name of a secret field or XML element whose value is the mask.

    Sending back printed data would set the mask as the password.

    Args:
        value: data, or the text of an XML message.
    """
    for name, item in _walk(value):
        if item == HIDDEN and is_secret(name):
            return name
        if isinstance(item, str) and HIDDEN in item:
            elements = re.findall(rf"<([\w.:-]+)[^<>]*>{re.escape(HIDDEN)}</", item)
            if found := next((element for element in elements if is_secret(element)), None):
                return str(found)
    return None


def without_masked(value: Any) -> Any:
    """Return data without the secret fields whose value is the mask."""
    whole: list[Any] = [value]
    pending: list[Any] = [whole]
    while pending:
        current = pending.pop()
        for key, item in list(current.items() if isinstance(current, dict) else enumerate(current)):
            if isinstance(current, dict) and item == HIDDEN and is_secret(str(key)):
                del current[key]
            elif isinstance(item, Mapping | list):
                current[key] = dict(item) if isinstance(item, Mapping) else list(item)
                pending.append(current[key])
    return whole[0]


def remember_secrets(*sent: Any) -> None:
    """Note the secrets in what is sent, so that no text repeats them when a server does (`mask_known`).

    Args:
        sent: headers, bodies and other data with field names; texts in XML or JSON.
    """
    for value in _secret_values(list(sent)):
        for form in _echoed_forms(value):
            _KNOWN.pop(form, None)
            _KNOWN[form] = None
    while len(_KNOWN) > _MOST_KNOWN:
        _KNOWN.pop(next(iter(list(_KNOWN))), None)


def forget_secrets() -> None:
    """Forget what `remember_secrets` noted: another command begins."""
    _KNOWN.clear()


def mask_known(text: str) -> str:
    """Return a text without the secrets that were sent."""
    known = list(_KNOWN)  # at once, as other threads add to it
    for form in sorted(known, key=len, reverse=True):
        if form in text:
            text = text.replace(form, HIDDEN)
    return text


def mask_echoes(value: Any) -> Any:
    """Return data, masked by names, without the secrets that were sent in its texts."""
    whole: list[Any] = [mask(value)]
    pending: list[Any] = [whole] if _KNOWN else []
    while pending:
        current = pending.pop()
        for key, item in list(current.items() if isinstance(current, dict) else enumerate(current)):
            if isinstance(item, str):
                current[key] = mask_known(item)
            elif isinstance(item, dict | list):
                current[key] = item.copy()
                pending.append(current[key])
    return whole[0]


def _echoed_forms(secret: str) -> set[str]:
    """Return how a server may write a secret: as it is, in JSON, in XML, in a URL."""
    import json
    from urllib.parse import quote

    in_xml = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        in_xml,
        in_xml.replace('"', "&quot;").replace("'", "&apos;"),
        quote(secret, safe=""),
        secret.encode("utf-8", "replace").decode("latin-1"),  # as some read a header
    }


def _hidden(value: Any) -> Any:
    return value if value is None or isinstance(value, bool) else HIDDEN


def _without_elements(text: str) -> str:
    """Return a text with the content of secret XML elements masked, even if their end is cut off."""
    parts: list[str] = []
    place = 0
    tag = re.compile(_START_TAG)
    while (start := tag.search(text, place)) is not None:
        parts.append(text[place : start.end()])
        place = start.end()
        if is_secret(start[1]):
            end = _end_of_element(text, place, start[1])
            parts.append(HIDDEN if end > place else "")
            place = end
    return "".join(parts) + text[place:]


def _end_of_element(text: str, place: int, name: str) -> int:
    """Return where the end tag of an element begins, past CDATA sections, comments and elements of its own name."""
    tag = re.escape(name)
    depth = 1
    for found in re.finditer(
        rf"(?s)<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<(/?){tag}\b[^<>]*?(/?)>", text[place:]
    ):
        if found[1] is not None and not found[2]:  # neither a section nor an empty element
            depth += -1 if found[1] else 1
        if depth == 0:
            return place + found.start()
    cut = text.rfind(f"</{name}", place)  # the end tag itself is cut off
    return cut if cut >= 0 and ">" not in text[cut:] else len(text)


def _without_labelled_elements(text: str) -> str:
    """Return a text with `<value>` masked beside `<name>password</name>`, or in `<x name="password">`."""
    value = rf"<(?:[\w.-]+:)?(?i:{_LABELLED})(?:\s[^<>]*)?(?<!/)>(?:<!\[CDATA\[.*?(?:\]\]>|\Z)|[^<])*"
    label = rf"<(?:[\w.-]+:)?(?i:{_LABEL})(?:\s[^<>]*)?>\s*(?P<label>[^<>]+?)\s*</[^<>]*>"
    pattern = rf"(?s)(?:{label}(?:(?!</?[\w.-]+:?(?i:{_LABEL})\b).)*?(?P<after>{value}))"
    text = re.sub(pattern, _masked_sibling("after"), text)
    backwards = rf"(?s)(?P<before>{value})</[^<>]*>\s*{label}"
    text = re.sub(backwards, _masked_sibling("before"), text)
    attribute = rf"""<[\w.:-]+\s[^<>]*?\b(?i:{_LABEL})\s*=\s*["'](?P<label>[^"'<>]*)["'][^<>]*>[^<]*"""
    return re.sub(attribute, _masked_attributes, text)


def _masked_sibling(group: str) -> Callable[[re.Match[str]], str]:
    def masked(found: re.Match[str]) -> str:
        if not is_secret(found["label"]):
            return found[0]
        begin, end = (place - found.start() for place in found.span(group))
        tag = found[group][: found[group].index(">") + 1]
        return f"{found[0][:begin]}{tag}{HIDDEN}{found[0][end:]}"

    return masked


def _masked_attributes(found: re.Match[str]) -> str:
    """Mask the value of an element whose attribute names a secret: that of an attribute, and its content."""
    if not is_secret(found["label"]):
        return found[0]
    tag, _, content = found[0].partition(">")
    tag = re.sub(rf"""(\b(?i:{_LABELLED})\s*=\s*)(["'])[^"'<>]*\2""", rf"\1\2{HIDDEN}\2", tag)
    return f"{tag}>{HIDDEN if content.strip() else content}"


def _masked_labelled(found: re.Match[str]) -> str:
    return f"{found['head']}{_hidden_text(found['value'])}" if is_secret(found["label"]) else found[0]


def _masked_pair(found: re.Match[str]) -> str:
    value, between = found["value"], found["between"]
    # Sentences contain `name: value` without quotes; in braces it is JSON that somebody wrote by hand.
    before = found.string[: found.start()]
    is_inside = before.rstrip()[-1:] in ("{", ",") and before.rfind("{") > before.rfind("}")
    is_pair = "=" in between or found["mark"] or value[0] in "\"'\\" or is_inside
    if not is_pair or not is_secret(_unescaped(found["name"].strip("\"'\\"))):
        return found[0]
    return f"{found['name']}{between}{_hidden_text(value)}"


def _unescaped(name: str) -> str:
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda found: chr(int(found[1], 16)), name)


def _hidden_text(value: str) -> str:
    """Return the mask in the quotes of a value."""
    bare = value.lstrip("\\")
    quote = value[: len(value) - len(bare) + 1] if bare[:1] in ("'", '"') else ""
    return f"{quote}{HIDDEN}{quote}"


def _secret_values(value: Any) -> set[str]:
    """Return the texts and numbers in secret fields, at every depth, and those in texts of XML or JSON."""
    found: set[str] = set()
    pending: list[tuple[Any, bool]] = [(value, False)]
    while pending:
        current, is_inside = pending.pop()
        if isinstance(current, Mapping):
            hides = _labels_secret(current)
            pending += [
                (item, is_inside or is_secret(str(key)) or (hides and str(key).lower() in _VALUES))
                for key, item in current.items()
            ]
        elif isinstance(current, list | tuple):
            pending += [(item, is_inside) for item in current]
        elif isinstance(current, bool) or not isinstance(current, str | int):
            continue
        elif is_inside and len(str(current)) >= _SHORTEST_ECHO:
            found.add(str(current))
        elif isinstance(current, str) and "<" in current:
            found |= _secret_elements(current)
    return found


def _secret_elements(text: str) -> set[str]:
    """Return the contents of the secret elements of an XML message."""
    contents = {_without_entities(content) for name, content in re.findall(_ELEMENT, text) if is_secret(name)}
    return {content for content in contents if len(content) >= _SHORTEST_ECHO}


def _without_entities(text: str) -> str:
    # xml.sax.saxutils has this too, but importing it takes 20 ms.
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every text in data with the name of its field, an empty one where it has none."""
    pending: list[tuple[str, Any]] = [("", value)]
    while pending:
        name, current = pending.pop()
        if isinstance(current, Mapping):
            pending += [(str(key), item) for key, item in current.items()]
        elif isinstance(current, list | tuple):
            pending += [("", item) for item in current]
        else:
            yield name, current
