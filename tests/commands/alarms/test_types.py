"""`hpcli alarms types`: event types and codes, with the user's own table over ours."""

from __future__ import annotations

from pathlib import Path

from tests.support.runner import Runner


def test_types_shows_the_users_own_table(hpcli: Runner, home: Path) -> None:
    own = home / ".config/hpcli/cid.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(
        '[1759]\nmeaning = "Cellar"\ncategory = "panic"\n[998]\ncategory = "fire"\n', encoding="utf-8-sig"
    )
    by_type = {row["type"]: row for row in hpcli("alarms", "types", "-o", "json").json}

    assert (by_type["cidEvent 1759"]["meaning"], by_type["cidEvent 1759"]["priority"]) == (
        "Cellar",
        "critical",
    )
    assert by_type["cidEvent 3998"]["category"] == "fire"

    own.write_text('[1759]\ncategory = "cellar"\n', encoding="utf-8")
    refused = hpcli("alarms", "types")
    assert (refused.exit_code, refused.stderr.count("1759")) == (2, 1)


def test_types_lists_the_event_types_without_an_account(hpcli: Runner) -> None:
    result = hpcli("alarms", "types", "-o", "json", environment={"HPCLI_APP_KEY": "", "HPCLI_SECRET_KEY": ""})
    by_type = {row["type"]: row for row in result.json}
    assert by_type["cidEvent"]["category"] == "other"
    assert set(by_type["VMD"]) == {"type", "format", "category", "priority", "name", "meaning"}
