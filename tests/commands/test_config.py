"""`hpcli config`: documented keys, where values come from, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcli.auth.profiles import Profile, Profiles
from hpcli.run.settings import SETTINGS
from tests.support.runner import Runner

KEYS = [setting.key for setting in SETTINGS.values() if setting.in_config]


@pytest.fixture
def config(home: Path) -> Profiles:
    """The config file of the test's home, with a profile `work`."""
    profiles = Profiles(home / ".config/hpcli")
    profiles.save(Profile("work", "key"))
    return profiles


def test_the_documented_keys_are_there() -> None:
    assert {"output", "color", "pager", "region", "concurrency", "journal-days", "journal-size"} <= set(KEYS)


def test_list_tells_every_key_with_its_value_source_and_meaning(hpcli: Runner) -> None:
    rows = hpcli("config", "list", "-o", "json").json
    assert [row["key"] for row in rows] == KEYS
    assert all(row["source"] == "default" and row["help"] for row in rows)


def test_the_option_of_this_command_is_no_setting(hpcli: Runner) -> None:
    row = next(row for row in hpcli("config", "list", "-o", "json").json if row["key"] == "output")
    assert (row["value"], row["source"]) == (None, "default")


def test_set_keeps_a_value_that_commands_use_and_unset_forgets_it(hpcli: Runner, config: Profiles) -> None:
    assert "output is now json." in hpcli("config", "set", "output", "JSON").stderr
    assert hpcli("timezones", "berlin").json[0]["number"] == 133
    assert hpcli("config", "get", "output").stdout == "json\n"
    assert "is now unset" in hpcli("config", "set", "output", "--unset").stderr
    assert hpcli("timezones", "berlin").stdout.startswith("NUMBER")


def test_a_profile_has_values_of_its_own(hpcli: Runner, config: Profiles) -> None:
    hpcli("config", "set", "timeout", "90s")
    hpcli("config", "set", "timeout", "5s", "--profile", "work")
    hpcli("config", "set", "device", "Q1", "--profile", "work")
    assert hpcli("config", "get", "timeout", "--profile", "work").stdout == "5s\n"
    assert hpcli("config", "get", "timeout", "--profile", "sandbox").stdout == "90s\n"
    assert Profiles(config.path.parent).get("work").device == "Q1"
    hpcli("config", "set", "timeout", "--unset", "--profile", "work")
    assert hpcli("config", "get", "timeout", "--profile", "work").stdout == "90s\n"


def test_a_dry_run_writes_nothing(hpcli: Runner, config: Profiles) -> None:
    before = config.path.read_text()
    assert hpcli("config", "set", "output", "csv", "--dry-run").exit_code == 0
    assert config.path.read_text() == before


def test_comments_of_the_file_stay(hpcli: Runner, config: Profiles) -> None:
    config.path.write_text("# mine\n" + config.path.read_text())
    hpcli("config", "set", "utc", "true")
    text = config.path.read_text()
    assert text.startswith("# mine\n")
    assert "utc = true" in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("get", "colour"), "Did you mean 'color'?"),
        (("get", "secret-key"), "'secret-key' is not one of: "),
        (("set", "output", "jsno"), "error: output: 'jsno' is not one of: "),
        (("set", "utc", "perhaps"), "utc: 'perhaps' is not one of: true, false."),
        (("set", "timeout", "soon"), "timeout: 'soon' is not a duration."),
        (("set", "timeout", "0"), "too short for a call"),
        (("set", "concurrency", "0"), "whole number from 1"),
        (("set", "output"), "Give a value for output, or use --unset."),
        (("set", "output", "json", "--unset"), "Give a value for output, or use --unset."),
        (("set", "output", "json", "--profile", "nobody"), "There is no profile 'nobody'."),
        (("set", "output", "json", "--profile", "sandbox"), "The sandbox needs no settings."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    hpcli: Runner, config: Profiles, arguments: tuple[str, ...], told: str
) -> None:
    before = config.path.read_text()
    result = hpcli("config", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert config.path.read_text() == before


def show_zones(hpcli: Runner, pager: str, tmp_path: Path) -> tuple[int, str, str]:
    """List the time zones on a terminal with a pager; return exit code, what was shown, what the pager got."""
    got = tmp_path / "got"
    hpcli("config", "set", "pager", pager.replace("GOT", str(got)))
    terminal = hpcli.on_terminal("timezones", "europe")
    code = terminal.finish()
    return code, terminal.shown, got.read_text() if got.exists() else ""


def test_a_long_table_goes_through_the_pager(hpcli: Runner, tmp_path: Path) -> None:
    code, shown, got = show_zones(hpcli, "tee GOT", tmp_path)
    assert code == 0
    assert got.startswith("NUMBER")
    assert got.replace("\n", "\r\n") == shown


def test_the_pager_inherits_no_secret(hpcli: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HPCLI_SECRET_KEY", "HPCLI_APP_KEY", "HPCLI_DEVICE_KEYS_FILE", "hpcli_other"):
        monkeypatch.setenv(name, "hidden")
    monkeypatch.setenv("LESSCHARSET", "utf-8")
    code, _, got = show_zones(hpcli, "sh -c 'env >GOT; cat >/dev/null'", tmp_path)
    assert code == 0
    assert "hidden" not in got
    assert "LESSCHARSET=utf-8" in got


def test_a_pager_left_early_ends_the_command_silently(hpcli: Runner, tmp_path: Path) -> None:
    code, shown, _ = show_zones(hpcli, "true", tmp_path)
    assert code in (0, 141)
    assert shown == ""


def test_a_pager_that_is_not_there_is_named(hpcli: Runner, tmp_path: Path) -> None:
    code, shown, _ = show_zones(hpcli, "no-such-pager", tmp_path)
    assert code == 11
    assert "hpcli config set pager none" in shown


def test_a_pipe_has_no_pager(hpcli: Runner, config: Profiles) -> None:
    hpcli("config", "set", "pager", "no-such-pager")
    assert hpcli("timezones", "berlin").exit_code == 0
