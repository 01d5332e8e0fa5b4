"""What failed inside an answer that says success outside, in words, lists and counts that A.5.27 lacks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hpcli.errors import DeviceError
from hpcli.isapi.body import objects_in
from hpcli.masking import mask

_FAILED_WORDS = frozenset({"failed", "fail", "failure", "error", "refused", "rejected"})
_WORD_FIELDS = ("status", "result", "outcome")
_LISTS = ("errorlist", "faillist", "failedlist", "failurelist", "errors", "error", "failures", "failed")
_COUNTS = ("failednum", "failnum", "failedcount", "failcount", "failednumber", "errorcount")
_NAMES = ("id", "no", "name", "serial")
_GOOD = frozenset({"", "0", "ok", "success", "succeeded", "none", "null", "no error"})


def failure_by_words(plain: Any, http_status: int) -> DeviceError | None:
    """Return the error of the first part of an answer that says in its own words that it failed.

    Args:
        plain: the answer to a change, read.
        http_status: of the answer.
    """
    for name, members in objects_in(plain):
        said = _failure_of(members, is_item=name == "status" or name.endswith("list"))
        if said is not None:
            return DeviceError(
                "The device says that a part of the change failed.",
                http_status=http_status,
                platform_message=said,
            )
    return None


def _failure_of(members: Mapping[str, Any], *, is_item: bool) -> str | None:
    """Return what an object says of a failure, as the device says it; `is_item`: it is one of a list of statuses."""
    for key in _LISTS:
        if members.get(key) and isinstance(members[key], list | Mapping):
            return f"{key}: {json.dumps(mask(members[key]), ensure_ascii=False, default=str)}"
    error = members.get("error")
    if isinstance(error, str) and error.strip().lower() not in _GOOD:
        return error
    for key in _COUNTS:
        if str(members.get(key) or "0").strip().strip("0"):
            return f"{key}: {members[key]}"
    words = [str(members[key]) for key in _WORD_FIELDS if _says_failed(members.get(key))]
    text = members.get("statusstring")
    if (
        is_item
        and "statuscode" not in members
        and isinstance(text, str)
        and text.strip().lower() not in _GOOD
    ):
        words.append(text)
    if not words:
        return None
    which = next((f"{key} {members[key]}: " for key in _NAMES if isinstance(members.get(key), str | int)), "")
    return which + words[0]


def _says_failed(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower() in _FAILED_WORDS
