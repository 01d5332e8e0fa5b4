"""The rules that hold for every run and every answer. Each returns why it is broken, or None."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hpcli.errors import ExitCode
from hpcli.sandbox import NEW_DEVICE, SECRET_KEY, verification_code
from tests.faults.operations import Facts, facts_of
from tests.faults.stage import SERVICES, TIMEOUT, Outcome
from tests.faults.wrong import Meaning, Wrong
from tests.support.device_bodies import PASSWORD

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NONE_THERE = re.compile(r"^No [a-z][a-z ]*s\.$", re.MULTILINE)
_ACCUSED: dict[int, str] = {
    ExitCode.USAGE: "the user",
    ExitCode.LOCAL: "this computer",
    ExitCode.INTERRUPTED: "the user",
}
_SLACK_SECONDS = 6.0
_RAW = frozenset(
    {"deviceTransparentGet", "deviceTransparentPut", "deviceTransparentPost", "deviceTransparentDelete"}
)
_PRINTS_ANY_ANSWER = frozenset({"deviceTransparentGet"})
_SHOWS_SECRETS = {
    "tokenGet": "its job is to print the token",
    "devicePincodeQuery": "its job is to print the PIN",
}
_OTHER_WAYS = {"isapiGetZones": "isapiSearchZones"}
"""Reading calls that ask in another way where the first is refused: what the second answers is known."""
_EMPTY_IS_DONE = frozenset({"arcserviceAccountNumberUpdate"})
"""Calls whose documented answer is empty (guide §3.41)."""


@dataclass(frozen=True)
class Judged:
    """A run beside what is known of it.

    Attributes:
        plain: the same command without anything wrong.
        is_timed: other processes leave this one enough time for time limits to be judged.
        timeout: seconds that the run was given for each call.
    """

    facts: Facts
    form: str
    wrong: Wrong
    outcome: Outcome
    plain: Outcome
    is_timed: bool = False
    timeout: float = TIMEOUT

    @property
    def is_json(self) -> bool:
        """Whether the output is JSON."""
        return self.form == "json"

    @property
    def had_a_right_answer(self) -> bool:
        """Whether a call of the operation, or of the one that stands in for it, was answered as it should be."""
        names = (self.facts.name, _OTHER_WAYS.get(self.facts.name, self.facts.name))
        return any(a.is_done and not a.is_spoilt for name in names for a in self.outcome.sent(name))

    @property
    def read_back(self) -> bool:
        """Whether the device answered a reading call after the last spoilt change: its state is known then."""
        arrivals = self.outcome.arrivals
        spoilt = [index for index, arrival in enumerate(arrivals) if arrival.is_spoilt]
        after = [a for a in (arrivals[spoilt[-1] + 1 :] if spoilt else ()) if a.operation and a.is_done]
        read = [facts for a in after if (facts := facts_of(a.operation)).is_device and not facts.is_change]
        return self.facts.is_change and self.facts.is_device and bool(read)


Rule = Callable[[Judged], str | None]


def exit_code_is_documented(judged: Judged) -> str | None:
    """Scripts branch on exit codes, so there are no others than those of `hpcli help exit-codes`."""
    code = judged.outcome.exit_code
    return None if code in set(ExitCode) else f"exit code {code}"


def no_internal_error(judged: Judged) -> str | None:
    """An odd answer is the other side's fault and is reported as that."""
    for mark in ("hpcli itself failed", "Traceback (most recent call last)"):
        if mark in judged.outcome.stderr:
            return next(line for line in judged.outcome.stderr.splitlines() if mark in line)[:200]
    return f"past the streams: {judged.outcome.stray[-300:]}" if judged.outcome.stray else None


def blames_the_right_side(judged: Judged) -> str | None:
    """`wrong usage; nothing was changed` and faults of this computer send people to the wrong place."""
    code, plain = judged.outcome.exit_code, judged.plain.exit_code
    return f"exit code {code} blames {_ACCUSED[code]}" if code in _ACCUSED and code != plain else None


def one_error_is_told(judged: Judged) -> str | None:
    """A failure is one `error:` line, or one JSON error object as the last line; a success has none.

    Services report each failure when it comes, and go on.
    """
    if judged.facts.name in SERVICES:
        return None
    errors = _errors(judged)
    wanted = 0 if judged.outcome.exit_code == 0 else 1
    if len(errors) != wanted:
        return f"{len(errors)} errors with exit code {judged.outcome.exit_code}"
    if judged.is_json and errors and errors[0] != judged.outcome.stderr.splitlines()[-1]:
        return "the error is not the last line"
    return None


def stderr_is_readable(judged: Judged) -> str | None:
    """Programs read JSON lines; terminals obey control characters."""
    for line in judged.outcome.stderr.splitlines():
        if _CONTROLS.search(line):
            return f"a control character: {line[:160]!r}"
        if judged.is_json and _parsed(line) is None:
            return f"not JSON: {line[:160]}"
    return None


def stdout_fits_the_format(judged: Judged) -> str | None:
    """Whoever reads stdout gets the format that was asked for, or nothing."""
    text = judged.outcome.stdout
    if judged.is_json:
        is_any = judged.facts.name in _PRINTS_ANY_ANSWER and text == "null\n"
        if not text or is_any:
            return None
        document = [text] if judged.facts.name not in SERVICES else text.splitlines()
        return next((f"not JSON: {part[:160]!r}" for part in document if _parsed(part) is None), None)
    if judged.facts.name in _RAW:
        return None
    found = next((line for line in text.split("\n") if _CONTROLS.search(line)), None)
    return None if found is None else f"a control character: {found[:160]!r}"


def columns_stay(judged: Judged) -> str | None:
    """A row of `plain` has the columns of its heading."""
    if judged.form != "plain" or judged.facts.name in _RAW:
        return None
    counts = {line.count("\t") for line in judged.plain.stdout.splitlines()}
    if len(counts) != 1 or counts == {0}:
        return None
    odd = [line for line in judged.outcome.stdout.splitlines() if line.count("\t") not in counts]
    return f"other columns: {odd[0][:160]!r}" if odd else None


def ends_in_time(judged: Judged) -> str | None:
    """`--timeout` bounds every call."""
    if judged.outcome.is_hung:
        return "it did not end"
    calls = len({(arrival.method, arrival.path) for arrival in judged.outcome.arrivals}) + 1
    limit = calls * judged.timeout + _SLACK_SECONDS + judged.plain.seconds
    if judged.is_timed and judged.outcome.seconds > limit:
        return f"{judged.outcome.seconds:.1f} s for {calls} calls"
    return None


def no_change_twice(judged: Judged) -> str | None:
    """A change whose answer was lost may have been made: a second one is not the program's to risk."""
    facts = judged.facts
    if not facts.is_change or facts.is_repeatable:
        return None
    sent, wanted = judged.outcome.sent(facts.name), judged.plain.sent(facts.name)
    if not sent or not wanted:
        return None
    same = [arrival for arrival in sent if arrival.body == sent[0].body]
    same = same if judged.wrong.is_lost else [arrival for arrival in same if arrival.is_done]
    most = len([arrival for arrival in wanted if arrival.body == wanted[0].body])
    return f"sent {len(same)} times, not {most}" if len(same) > most else None


def nothing_claimed(judged: Judged) -> str | None:
    """Exit code 0 says that the other side called the call a success, or that its state was read back.

    Where an answer was lost or said nothing, reading the state back is knowledge; after a refusal it is not.
    Services go on after any failure, and end with 0 when their own time is over.
    """
    if judged.outcome.exit_code != 0 or judged.had_a_right_answer or judged.facts.name in SERVICES:
        return None
    if judged.facts.name in _PRINTS_ANY_ANSWER or not judged.outcome.sent(judged.facts.name):
        return None
    facts, meaning = judged.facts, _meaning(judged)
    if meaning is Meaning.FAILURE and not (judged.wrong.is_lost and judged.read_back):
        return "exit code 0 after an answer that was no success"
    if meaning is Meaning.ODD_DATA and not facts.allows(judged.wrong.data):
        return f"exit code 0 though data is {str(judged.wrong.data)[:40]!r}"
    if meaning is Meaning.UNCONFIRMED and facts.is_device and not judged.read_back:
        return "exit code 0 though nothing was confirmed or read back"
    return None


def _meaning(judged: Judged) -> Meaning:
    """Return what the answer says of this call: what says nothing says less to some calls than to others."""
    meaning, facts = judged.wrong.meaning, judged.facts
    if meaning is Meaning.EMPTY:
        says_nothing = facts.is_device or facts.name in _EMPTY_IS_DONE
        return Meaning.UNCONFIRMED if says_nothing else Meaning.FAILURE
    return Meaning.UNCONFIRMED if meaning is Meaning.ODD_DATA and facts.is_device else meaning


def nothing_there_is_known(judged: Judged) -> str | None:
    """`No sites.` stands only where the platform gave a list that is empty."""
    said = _NONE_THERE.search(judged.outcome.stderr)
    if said is None or said[0] in judged.plain.stderr or judged.had_a_right_answer:
        return None
    meaning = _meaning(judged)
    is_odd = meaning is Meaning.ODD_DATA and not judged.facts.allows(judged.wrong.data)
    if judged.facts.is_device or meaning is Meaning.FAILURE or is_odd:
        return said[0]
    return None


def no_secret_shown(judged: Judged) -> str | None:
    """Output is pasted into tickets and kept in logs."""
    if judged.facts.name in _SHOWS_SECRETS:
        return None
    text = judged.outcome.stdout + judged.outcome.stderr + judged.outcome.stray
    names = {"the secret key": SECRET_KEY, "a password": PASSWORD, "a code": verification_code(NEW_DEVICE)}
    for arrival in judged.outcome.arrivals:
        token = arrival.headers.get("Authorization", "").removeprefix("Bearer ")
        names |= {"the token": token} if token else {}
    return next((name for name, secret in names.items() if secret in text), None)


RULES: tuple[Rule, ...] = (
    exit_code_is_documented,
    no_internal_error,
    blames_the_right_side,
    one_error_is_told,
    stderr_is_readable,
    stdout_fits_the_format,
    columns_stay,
    ends_in_time,
    no_change_twice,
    nothing_claimed,
    nothing_there_is_known,
    no_secret_shown,
)


def broken_rules(judged: Judged) -> dict[str, str]:
    """Return the broken rules by name, with why."""
    found = {rule.__name__: rule(judged) for rule in RULES}
    return {name: why for name, why in found.items() if why is not None}


def _errors(judged: Judged) -> list[str]:
    lines = judged.outcome.stderr.splitlines()
    if not judged.is_json:
        return [line for line in lines if line.startswith("error: ")]
    return [line for line in lines if isinstance(found := _parsed(line), dict) and "error" in found]


def _parsed(text: str) -> Any:
    """Return JSON, read strictly; None where it is none. (`null` counts as none: it is never printed.)"""

    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return None
