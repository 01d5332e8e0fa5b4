"""`fleet plan` and `fleet apply`: an account becomes as a file says, also another account."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hpcli.auth.account import Account, normalise_base_url
from hpcli.client.calls import Calls
from hpcli.sandbox import control, verification_code
from tests.commands.fleet.conftest import load, save, site_named
from tests.support.platform_server import Platform, lift_call_limit, start_platform
from tests.support.runner import Result, Run, Runner

Count = Callable[[Platform, Callable[[], Any]], Counter[str]]
BAKERY, HOTEL, NEW, MARIA = (
    "Bäckerei Grünwald",
    "Harbour View Hotel",
    "Neubau Kiefernweg 7",
    "maria.gruenwald@baeckerei.example",
)
PANEL, SCHOOL_PANEL, CAMERA, SPARE = "Q10254783", "Q19323594", "F55121301", "K77120045"
READING = ("search", "list", "sitemanagers", "detail", "report")


@pytest.fixture
def file(first: dict[str, Any], platform: Platform, tmp_path: Path) -> Path:
    """A file of the account as it is at first; all demo accounts are alike but for their ids."""
    account = {"id": Account(normalise_base_url(platform.base_url), platform.app_key).id}
    return save(tmp_path / "fleet.json", {**deepcopy(first), "account": account})


def plan(run: Run, file: Path, *options: str) -> list[dict[str, Any]]:
    """Return the rows of the plan."""
    result = run("fleet", "plan", str(file), *options, "-o", "json")
    assert result.exit_code == 0, result.stderr
    rows: list[dict[str, Any]] = result.json
    return rows


def changes_of(counts: Counter[str]) -> int:
    """Count the calls that change something."""
    return sum(number for path, number in counts.items() if path.rpartition("/")[2] not in READING)


def disturb(platform: Platform) -> None:
    """Change the demo account in many places, by hand."""
    client = platform.client()
    bakery, new = (str(client.site.find(name)["id"]) for name in (BAKERY, NEW))
    client.site.update(new, "Kiefernweg 7", address={"city": "Potsdam"})
    client.device.update(str(client.device.find(PANEL)["id"]), "Shop panel")
    lukasz = next(row for row in client.installer.list() if row["email"] == "lukasz@nordlicht.example")
    client.site.assign([bakery], {str(lukasz["id"]): None})
    shared = [dict(entry) for entry in client.customer.show(bakery, MARIA)]
    client.customer.permit(bakery, MARIA, shared[:1])
    client.arc.disable(SCHOOL_PANEL)
    client.customer.remove(bakery, ["+498955501200"])


def test_an_account_becomes_as_the_file_says_and_then_the_plan_is_empty(
    run: Run, platform: Platform, file: Path
) -> None:
    assert plan(run, file, "--prune") == []
    disturb(platform)
    rows = plan(run, file, "--prune")
    assert Counter(row["action"] for row in rows) == {"change": 3, "add": 3, "remove": 1}
    refused = run("fleet", "apply", str(file), "--prune", "--yes")
    assert (refused.exit_code, "--expect-deletes 1" in refused.stderr) == (2, True)
    refused = run("fleet", "apply", str(file), "--prune", "--yes", "--expect-deletes", "2")
    assert (refused.exit_code, "nothing was sent" in refused.stderr) == (2, True)
    assert plan(run, file, "--prune") == rows, "nothing was changed"
    done = run("fleet", "apply", str(file), "--prune", "--yes", "--expect-deletes", "1", "-o", "json")
    assert done.exit_code == 0, done.stderr
    assert [row["ok"] for row in done.json] == [True] * 5
    assert plan(run, file, "--prune") == []
    left = run("fleet", "diff", str(file), "now", "-o", "json").json
    assert [(row["change"], row["target"]) for row in left] == [("removed", "+498955501200")], (
        "never invited again"
    )


def test_nothing_is_removed_without_pruning(run: Run, platform: Platform, file: Path) -> None:
    disturb(platform)
    done = run("fleet", "apply", str(file), "--yes")
    assert done.exit_code == 0, done.stderr
    said = [line.removesuffix(".") for line in done.stderr.splitlines()]
    assert len(set(said)) == len(said) > 1, "each change is said once"
    assert [line.split()[0] for line in said if not line.startswith(("!", "About", "Not in"))] == [
        "Changed", "Changed", "Added", "Added", "Done:"
    ]  # fmt: skip
    assert plan(run, file) == []
    emails = {row["installerEmail"] for row in run("site", "managers", BAKERY, "-o", "json").json}
    assert emails == {"anna.berg@nordlicht.example", "lukasz@nordlicht.example"}


def test_asking_needs_a_terminal_or_yes_and_a_dry_run_sends_nothing(
    run: Run, platform: Platform, file: Path, calls: Count
) -> None:
    disturb(platform)
    asked = run("fleet", "apply", str(file))
    assert (asked.exit_code, "~ device Q10254783" in asked.stderr) == (2, True)
    results: list[Result] = []
    counts = calls(
        platform, lambda: results.append(run("fleet", "apply", str(file), "--dry-run", "-o", "json"))
    )
    assert changes_of(counts) == 0
    assert [planned["url"].rpartition("/v")[2][2:] for planned in results[0].json] == [
        "site/1320abdbd2bd27fb99a945914f49386a/update",
        "device/update",
        "site/customer/devices/update",
        "arcservice/device/enable",
    ]


def test_sites_and_devices_are_made_and_removed_with_codes_and_pruning(
    run: Run, platform: Platform, file: Path
) -> None:
    document = load(file)
    hotel = site_named(document, HOTEL)
    document["sites"].remove(hotel)
    bakery = site_named(document, BAKERY)
    del bakery["devices"][4]
    maria = {"account": MARIA, "permissions": {SPARE: {"live": "all"}}}
    bakery["devices"].append({"serial": SPARE, "name": "Backdoor", "info": "left", "arc": {"id": "arc-4711"}})
    bakery["customers"] = [maria]
    managers = [{"email": "lukasz@nordlicht.example"}]
    document["sites"].append(
        {"name": "Depot", "timeZone": "Europe/Berlin", "city": "Ulm", "managers": managers}
    )
    save(file, document)
    codes = f"{SPARE}:{verification_code(SPARE)}\n"
    options = ("--prune", "--prune-sites", "--codes", "-")
    done = run("fleet", "apply", str(file), *options, "--yes", "--expect-deletes", "12", stdin=codes)
    assert done.exit_code == 2
    rows = json.loads(run("fleet", "plan", str(file), *options, "-o", "json", stdin=codes).stdout)
    deletes = str(sum(row["action"] == "remove" for row in rows))
    done = run("fleet", "apply", str(file), *options, "--yes", "--expect-deletes", deletes, stdin=codes)
    assert done.exit_code == 0, done.stderr
    again = run("fleet", "plan", str(file), *options, "-o", "json", stdin=codes)
    assert (again.json, again.exit_code) == ([], 0), again.stderr
    names = run("site", "list", "-o", "json", "--fields", "siteName").json
    assert {"siteName": "Depot"} in names
    assert {"siteName": HOTEL} not in names
    spare = run("device", "show", SPARE, "-o", "json").json
    assert (spare["deviceName"], spare["extInfo"], spare["arcId"]) == ("Backdoor", "left", "arc-4711")


def test_what_the_platform_does_not_tell_is_sent_once(run: Run, file: Path) -> None:
    document = load(file)
    panel = site_named(document, "Colegio San Martín")["devices"][0]
    panel["arc"] |= {"account": "4711", "events": ["panic", "panel-power"]}
    save(file, document)
    assert run("fleet", "apply", str(file), "--yes").exit_code == 0
    assert plan(run, file) == []
    exported = file.with_name("again.yaml")
    assert run("fleet", "export", str(exported)).exit_code == 0
    arc = site_named(load(exported), "Colegio San Martín")["devices"][0]["arc"]
    assert (arc["account"], set(arc["events"]) >= {"panic", "panel-power"}) == ("4711", True)
    assert plan(run, exported) == []


def test_one_failure_does_not_stop_the_rest(run: Run, platform: Platform, file: Path) -> None:
    disturb(platform)
    platform.configure(faults={"LAP000000@device/update": 1.0})
    done = run("fleet", "apply", str(file), "--yes", "-o", "json")
    assert done.exit_code == 9
    assert [row["target"] for row in done.json if not row["ok"]] == [f"device {PANEL}"]
    platform.configure(faults={})
    assert [row["kind"] for row in plan(run, file)] == ["device"]


def test_what_needs_a_site_that_was_not_added_is_not_sent(run: Run, platform: Platform, file: Path) -> None:
    managers = [{"email": "lukasz@nordlicht.example"}]
    document = load(file)
    document["sites"] = [{"name": "Depot", "timeZone": 133, "managers": managers}]
    save(file, document)
    platform.configure(faults={"LAP000000@site/add": 1.0})
    done = run("fleet", "apply", str(file), "--yes", "-o", "json")
    assert [row["ok"] for row in done.json] == [False, False]
    assert "'add site Depot' was not done" in done.stderr


APPLY = ("--prune", "--yes", "--expect-deletes")


@pytest.mark.parametrize("again", ["fleet apply", "log resume"])
def test_an_interrupted_apply_does_what_is_left(
    run: Run, platform: Platform, file: Path, calls: Count, monkeypatch: pytest.MonkeyPatch, again: str
) -> None:
    disturb(platform)
    original = Calls._change
    sent: list[Any] = []

    def change(self: Calls, *arguments: Any, **named: Any) -> Any:
        if len(sent) == 3:
            raise KeyboardInterrupt
        sent.append(arguments)
        return original(self, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Calls, "_change", change)
        stopped = run("fleet", "apply", str(file), *APPLY, "1")
    assert (stopped.exit_code, "3 of 5 done" in stopped.stderr) == (130, True), stopped.stderr
    left = str(plan(run, file, "--prune")).count("'remove'")
    line = (
        ("log", "resume", "--yes", "--again")
        if again == "log resume"
        else ("fleet", "apply", str(file), *APPLY, str(left))
    )
    counts = calls(platform, lambda: run(*line))
    assert changes_of(counts) == 2
    assert plan(run, file, "--prune") == []


def test_a_plan_reads_no_more_than_the_file_names(
    run: Run, platform: Platform, file: Path, calls: Count
) -> None:
    document = load(file)
    for site in document["sites"]:
        del site["managers"]
        site["customers"] = site["customers"][:1] if site["name"] == BAKERY else []
    save(file, document)
    counts = calls(platform, lambda: plan(run, file))
    assert counts == Counter(("site/search", "device/list", "site/customer/list", "site/customer/detail"))


@pytest.fixture
def other(hpcli: Runner, tmp_path: Path, home: Path) -> Iterator[tuple[Platform, Run]]:
    """Another account, which has no sites yet, of another stand-in."""
    with start_platform(tmp_path / "other.db") as started:
        control.reset(started.state, empty=True)
        yield started, partial(hpcli, environment={**started.environment, **lift_call_limit(home / "other")})


def test_another_account_is_made_as_the_file_says_only_when_asked(
    file: Path, other: tuple[Platform, Run], tmp_path: Path
) -> None:
    _, run = other
    refused = run("fleet", "plan", str(file))
    assert (refused.exit_code, "--to-other-account" in refused.stderr) == (2, True)
    document = load(file)
    site_named(document, NEW)["devices"] = [{"serial": SPARE, "name": "Gate"}]
    save(file, document)
    (tmp_path / "codes").write_text(f"{SPARE}:{verification_code(SPARE)}\n")
    options = ("--to-other-account", "--codes", f"@{tmp_path / 'codes'}")
    done = run("fleet", "apply", str(file), *options, "--yes")
    assert done.exit_code == 0, done.stderr
    assert "handing a site over is never applied" in done.stderr
    assert plan(run, file, *options) == []
    sites = {row["siteName"]: row for row in run("site", "list", "-o", "json").json}
    assert sites.keys() == {BAKERY, "東京倉庫", "متجر النور", HOTEL, NEW}, (
        "sites of other companies are not made"
    )
    assert (sites[HOTEL]["siteCity"], sites[HOTEL]["timeZone"]) == ("Plymouth", "48")
    managers = run("site", "managers", HOTEL, "-o", "json").json
    assert "zoe.oneill@nordlicht.example" in {row["installerEmail"] for row in managers}
    (device,) = run("device", "list", "-o", "json").json
    assert (device["deviceSerial"], device["deviceName"], device["siteName"]) == (SPARE, "Gate", NEW)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--prune-sites",), "--prune-sites needs --prune"),
        (("--codes", f"{SPARE}:ABC"), "Other users of this computer"),
    ],
)
def test_wrong_options_are_refused(reads: Run, tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    result = reads("fleet", "plan", str(tmp_path / "fleet.json"), *options)
    assert (result.exit_code, said in result.stderr) == (2, True)


def test_a_file_whose_lists_are_not_whole_prunes_nothing(run: Run, file: Path) -> None:
    document = load(file)
    document["unread"] = [{"site": None, "part": "lists", "error": "The platform sent 6 rows of 7."}]
    save(file, document)
    result = run("fleet", "plan", str(file), "--prune")
    assert (result.exit_code, "is not complete" in result.stderr) == (2, True)


@pytest.mark.parametrize(("profile", "whose"), [("work", "'work'"), (None, "of HPCLI_APP_KEY")])
def test_a_name_is_typed_where_the_account_has_one_and_never_a_hash(profile: str | None, whose: str) -> None:
    from hpcli.commands.fleet.apply import _ask

    asked: list[tuple[str, str | None]] = []
    ctx: Any = SimpleNamespace(
        settings=SimpleNamespace(profile_name=profile),
        confirm=lambda question, typed=None: asked.append((question, typed)),
    )
    plan: Any = SimpleNamespace(rows=[1, 2, 3], deletes=1)
    _ask(ctx, plan)
    assert asked == [(f"Make 2 changes, and remove 1 thing in the account {whose}?", profile)]
