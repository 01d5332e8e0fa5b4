"""What a message without a code means, judged by its words, in the dialects that panels and cameras use."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from hpcli.alarms.event.event import State
from hpcli.reference.categories import Category, category_of

_ENDED_STATES: Final = frozenset(
    {
        "inactive",
        "inactivated",
        "deactivated",
        "false",
        "ended",
        "finished",
        "end",
        "stop",
        "stopped",
        "off",
        "restore",
        "restored",
        "recover",
        "recovered",
        "over",
    }
)

_OVER: Final = re.compile(r"recov|restor|resum|ended|online again|reconnect|notalarm|cleared", re.IGNORECASE)

_WORDS: Final = (
    ("test", "", r"heart\W?beat|keep\W?alive|periodic|\btest|test(report|mode|message)?$"),
    ("panic", "", r"duress|hold\W?up|hijack"),
    ("open-close", "", r"arm(ed|ing)?$(?<!alarm)|^(away|stay|force|instant|auto|quick|part)\W?arm"),
    (
        "open-close",
        "",
        r"^arm(ed)?\W?(away|stay|by|in|at)|disarm|clear\W?alarm|alarm\W?clear|\barm(ed|ing)\b",
    ),
    ("bypass", "", r"bypass|shunt|isolat|disabled$"),
    ("panic", "", r"panic|emergency"),
    ("fire", "", r"fire|smoke|heat|flame|carbon\W?monoxide|\bCO\b"),
    ("medical", "", r"medical|\bfall(en)?\b|nursing"),
    ("technical", "", r"\bgas|gas(leak|alarm)|water|leak|flood|freez|temperature|humidity"),
    ("tamper", "", r"tamper|\blid|(key(pad|board)|reader)\W?locked|mask(ed|ing)|moved"),
    ("fault", "high", r"\b(ac|mains)\W?(power)?\W?(down|loss|lost|off|fail|recov|restor)"),
    ("fault", "high", r"network\W?(fault|disconnect|lost|recov)|communication"),
    ("fault", "high", r"(wired|wi-?fi|cellular|gprs|lan|path)\W?\w*(fault|lost|fail)"),
    (
        "fault",
        "",
        r"fault|fail|batter|low\W?power|lost|disconnect|offline|exception|error|trouble|jam|abnormal",
    ),
    ("fault", "", r"sim\W?card|overcurrent|\bstorage|\bdisk\b|\bhdd\b"),
    ("device", "", r"^(add|del|remov|enrol|registr)|(added|deleted|removed|enrolled)$|program|reset|upgrade"),
    ("burglary", "", r"burglar|alarm|intrusion|intrud|perimeter|entry|exit|break\W?in|glass"),
)
"""In this order: the first that fits counts."""

_CAMERA: Final = re.compile(
    r"detect|recogni|counting|density|face|human|people|person|crowd|vehicle|plate|target|behavio|helmet|hat\b|motion"
    r"|running|stand|leave|posture|queue|fight|climb|smoking|phone|radar|aiop|\bai\b",
    re.IGNORECASE,
)
"""What the names of analytics have in them."""

_COMPILED: Final = tuple(
    (category_of(name, priority), re.compile(pattern, re.IGNORECASE)) for name, priority, pattern in _WORDS
)
_LONGEST: Final = 200
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=1024)
def category_by_words(text: str) -> Category | None:
    """Return the category that the words of a message mean, None where they say nothing."""
    words = text[:_LONGEST].strip()
    for form in (words, _CAMEL.sub(" ", words)):
        for category, pattern in _COMPILED:
            if pattern.search(form):
                return category
    return None


@lru_cache(maxsize=1024)
def is_analytics(name: str) -> bool:
    """Return whether the name of an unknown type is that of a camera's analytics."""
    return _CAMERA.search(_CAMEL.sub(" ", name[:_LONGEST])) is not None


@lru_cache(maxsize=1024)
def says_over(text: str) -> bool:
    """Return whether the words of a message say that something is over."""
    return _OVER.search(text[:_LONGEST]) is not None


def state_of(value: object) -> State:
    """Return the state that `eventState` says, in any spelling."""
    if value == "active" or not isinstance(value, str):
        if isinstance(value, list) and value and isinstance(value[0], str):
            return state_of(value[0])  # a field that XML repeats
        return "ended" if value is False else "new"
    return "ended" if value.strip().lower() in _ENDED_STATES else "new"
