"""A slice of the walk, the same every time; `python -m tests.faults` runs the whole."""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from hpcli.errors import ExitCode
from tests.faults.__main__ import asked_cases, parser
from tests.faults.bodies import BODIES
from tests.faults.operations import facts_of, operation_names
from tests.faults.rules import Judged, broken_rules
from tests.faults.stage import FORMS, Outcome
from tests.faults.walk import FAULTS, WRONGS, Case, Walker, all_cases
from tests.faults.wrong import Meaning, Wrong
from tests.support.proxy import replace

if TYPE_CHECKING:
    import pytest

SLICE = 120


def test_no_command_breaks_a_rule_in_a_slice_of_the_walk(tmp_path: Path) -> None:
    walker = Walker(tmp_path / "walk")
    try:
        cases = islice((case for case in all_cases() if not WRONGS[case.wrong].is_slow), SLICE)
        broken = {case.repeat: found for case in cases if (found := walker.run(case).broken)}
    finally:
        walker.stage.close()
    assert broken == {}


def test_the_walk_has_every_operation_with_every_body_and_every_fault() -> None:
    cases = all_cases()
    walked = {(case.operation, case.wrong) for case in cases}
    for name in operation_names():
        missing = {wrong for wrong in WRONGS if (name, wrong) not in walked}
        assert missing == {wrong for wrong in missing if WRONGS[wrong].for_devices}
        assert not (missing and facts_of(name).is_device)
    assert {case.form for case in cases} == set(FORMS)
    assert not set(BODIES) & set(FAULTS)
    assert all_cases(1) != cases == all_cases()


def test_the_line_that_repeats_a_case_means_that_case_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.faults.__main__.all_cases", cache(all_cases))  # to make them takes a while
    for case in all_cases(1)[:20]:
        words = case.repeat.removeprefix("python -m tests.faults ").split()
        assert asked_cases(parser().parse_args(words)) == [case]


def judged(
    outcome: Outcome, *, form: str = "plain", wrong: Wrong | None = None, name: str = "siteAdd"
) -> dict[str, str]:
    """Judge a made-up run."""
    facts, plain = facts_of(name), Outcome(0, "", "Created.\n", "", 0.1, ())
    return broken_rules(Judged(facts, form, wrong or Wrong(replace()), outcome, plain, is_timed=True))


def made(exit_code: int = 7, stdout: str = "", stderr: str = "error: Broken.\n", **more: object) -> Outcome:
    values = {"stray": "", "seconds": 0.1, "arrivals": (), **more}
    return Outcome(exit_code, stdout, stderr, **values)  # type: ignore[arg-type] # as the tests name them


def test_a_run_that_keeps_all_rules_is_not_blamed() -> None:
    assert judged(made()) == {}
    assert judged(made(stderr='{"notice": "Slow."}\n{"error": {"code": null}}\n'), form="json") == {}


def test_each_rule_can_be_broken() -> None:
    assert "exit_code_is_documented" in judged(made(12))
    assert "no_internal_error" in judged(made(1, stderr="error: hpcli itself failed: KeyError at x.py:1.\n"))
    assert "no_internal_error" in judged(made(stray="Exception in thread"))
    assert "blames_the_right_side" in judged(made(ExitCode.USAGE))
    assert "one_error_is_told" in judged(made(stderr=""))
    assert "one_error_is_told" in judged(made(0))
    assert "stderr_is_readable" in judged(made(stderr="error: \x1b[31m\n"))
    assert "stderr_is_readable" in judged(made(stderr="error: Broken.\n"), form="json")
    assert "stdout_fits_the_format" in judged(made(stdout='{"total": NaN}'), form="json")
    assert "ends_in_time" in judged(made(seconds=60))
    assert "no_secret_shown" in judged(made(stdout="geheim"))


def test_claims_are_judged_by_what_was_answered(tmp_path: Path) -> None:
    walker = Walker(tmp_path / "walk")
    try:
        outcome = walker.stage.run("siteAdd", "plain")
        arrivals = walker.stage.run("siteAdd", "plain", WRONGS["close"]).arrivals
    finally:
        walker.stage.close()
    assert outcome.exit_code == 0, outcome.stderr
    added = [arrival for arrival in arrivals if arrival.operation == "siteAdd"]
    assert len(added) == 1, "a change whose answer was lost was sent again"
    lost = Wrong(replace(), Meaning.FAILURE, is_lost=True)
    claimed = made(0, stderr="Created.\n", arrivals=tuple(added))
    assert "nothing_claimed" in judged(claimed, wrong=lost)
    nothing = made(0, stderr="No sites.\n", arrivals=tuple(added))
    assert "nothing_there_is_known" in judged(nothing, wrong=lost)
    assert "nothing_claimed" in judged(claimed, wrong=WRONGS["body-empty"])
    assert Case("siteAdd", "close", "json").repeat.endswith("--only siteAdd --fault close --form json")


def test_what_was_read_back_after_a_lost_answer_is_no_claim(tmp_path: Path) -> None:
    walker = Walker(tmp_path / "walk")
    try:
        outcome = walker.stage.run("isapiDisarm", "plain", WRONGS["close"])
    finally:
        walker.stage.close()
    lost = next(number for number, arrival in enumerate(outcome.arrivals, 1) if arrival.is_spoilt)
    assert outcome.exit_code == 0, outcome.stderr
    assert judged(outcome, wrong=WRONGS["close"], name="isapiDisarm") == {}
    assert "nothing_claimed" in judged(outcome, wrong=WRONGS["user-check"], name="isapiDisarm")
    unread = made(0, stderr="Disarmed.\n", arrivals=outcome.arrivals[:lost])
    assert "nothing_claimed" in judged(unread, wrong=WRONGS["close"], name="isapiDisarm")
