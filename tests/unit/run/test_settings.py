"""Settings by their precedence: flag, environment, profile, config.toml, default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hpcli.auth.profiles import Profiles
from hpcli.errors import UsageError
from hpcli.run.settings import Settings

ACCOUNT = {"HPCLI_APP_KEY": "k", "HPCLI_SECRET_KEY": "s", "HPCLI_BASE_URL": "https://env.example.org"}
CONFIG = """
default-profile = "work"
[settings]
timeout = "40s"
utc = true
[profiles.work]
app-key = "wk"
base-url = "https://work.example.org"
timeout = "30s"
output = "csv"
[profiles.home]
app-key = "hk"
base-url = "https://home.example.org"
"""
Make = Callable[..., Settings]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes settings of a config folder with the profiles `work` (the default) and `home`."""
    (tmp_path / "config.toml").write_text(CONFIG)

    def settings(environment: Mapping[str, str] | None = None, **flags: Any) -> Settings:
        return Settings({"HPCLI_CONFIG_DIR": str(tmp_path), **(environment or {})}, flags)

    return settings


def test_a_flag_beats_the_profile_which_beats_the_config_which_beats_the_default(make: Make) -> None:
    assert make(timeout=5.0).locate("timeout") == (5.0, "flag")
    assert make().locate("timeout") == (30.0, "profile work")
    assert make(profile="home").locate("timeout") == (40.0, "config.toml")
    assert make().locate("call-rate") == (5.0, "default")
    assert make().locate("output") == ("csv", "profile work")
    assert make().get("utc") is True


def test_the_environment_beats_the_profile(make: Make) -> None:
    assert make({"HPCLI_BASE_URL": "https://env.example.org", "HPCLI_PROFILE": "work"}).locate(
        "base-url"
    ) == (
        "https://env.example.org",
        "HPCLI_BASE_URL",
    )
    assert make({"HPCLI_DEVICE": "Q1"}).locate("device") == ("Q1", "HPCLI_DEVICE")
    assert make({"HPCLI_DEVICE": ""}).locate("device") == (None, "default")


def test_a_profile_on_the_command_line_beats_the_variables_of_the_account_only(make: Make) -> None:
    settings = make({**ACCOUNT, "HPCLI_DEVICE": "Q1"}, profile="work")
    assert (settings.get("app-key"), settings.get("secret-key")) == (None, None)
    assert settings.get("base-url") == "https://work.example.org"
    assert settings.get("device") == "Q1"


@pytest.mark.parametrize("how", ["flag", "variable", "default"])
def test_the_sandbox_ignores_the_variables_of_the_account_however_chosen(make: Make, how: str) -> None:
    settings = make({**ACCOUNT, **({"HPCLI_PROFILE": "sandbox"} if how == "variable" else {})})
    if how == "flag":
        settings.flags["profile"] = "sandbox"
    if how == "default":
        Profiles(settings.config_dir).set_default("sandbox")
    assert settings.is_sandbox
    assert [settings.get(key) for key in ("app-key", "secret-key", "base-url", "device")] == [None] * 4


def test_the_accounts_variables_take_no_settings_of_the_default_profile(make: Make) -> None:
    settings = make(ACCOUNT)
    assert settings.profile_name is None
    assert settings.locate("timeout") == (40.0, "config.toml")
    assert settings.get("base-url") == "https://env.example.org"


def test_the_profile_is_that_of_the_flag_then_of_the_variable_then_the_default(make: Make) -> None:
    assert make({"HPCLI_PROFILE": "home"}, profile="work").profile_name == "work"
    assert make({"HPCLI_PROFILE": "home"}).profile_name == "home"
    assert make().profile_name == "work"


@pytest.mark.parametrize(
    ("key", "text"), [("call-rate", "0"), ("concurrency", "0"), ("timeout", "soon"), ("utc", "7")]
)
def test_a_value_that_cannot_be_read_is_told_with_its_place(make: Make, key: str, text: str) -> None:
    settings = make()
    Profiles(settings.config_dir).write_setting(f"profiles.work.{key}", text)
    with pytest.raises(UsageError, match=f"^{key} in profile work: '{text}' "):
        settings.get(key)


def test_settings_show_no_secret(make: Make) -> None:
    assert "HPCLI_SECRET_KEY" not in repr(make(ACCOUNT))
