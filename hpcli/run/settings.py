"""The only list of settings: config key, environment variable, flag, default, sensitive or not.

Help topics, `config list`, completions and the common options are derived from `SETTINGS`.
Precedence: flag, then environment, then profile, then the `[settings]` table of config.toml, then default.
A `--profile` on the command line overrides the account variables (`HPCLI_APP_KEY` …), as in `aws`.
`run.profile_choice` checks the profile that a flag or a variable names.
"""

import contextlib
import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hpcli.errors import LocalError, UsageError
from hpcli.parse import naming, parse_duration, parse_size

if TYPE_CHECKING:
    from hpcli.auth.profiles import Profiles

SANDBOX = "sandbox"
METRICS = "prometheus"
"""The word of `-o` for numbers instead of rows; few commands have them."""

ACCOUNT_VARIABLES = ("HPCLI_APP_KEY", "HPCLI_SECRET_KEY", "HPCLI_SECRET_KEY_FILE", "HPCLI_BASE_URL")


class Setting(NamedTuple):
    """One setting and all ways to set it.

    Attributes:
        key: name, and key in config.toml if `in_config`.
        help: one line, without a full stop.
        flags: spellings of the common option, empty for none.
        environment: environment variable, or None.
        default: value if nothing sets it.
        choices: allowed words, empty for free values.
        flag_choices: words that only the flag takes besides, since few commands do.
        parse: turns text into the value; raises UsageError.
        is_switch: the flag takes no value.
        in_config: allowed in config.toml, in a profile or under `[settings]`.
        sensitive: never shown.
    """

    key: str
    help: str
    flags: tuple[str, ...] = ()
    environment: str | None = None
    default: Any = None
    choices: tuple[str, ...] = ()
    parse: Callable[[str], Any] = str
    is_switch: bool = False
    in_config: bool = False
    sensitive: bool = False
    metavar: str = "TEXT"
    flag_choices: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The help as a sentence."""
        return f"{self.help[:1].upper()}{self.help[1:]}."

    def read(self, text: object) -> Any:
        """Return the value of a text.

        Raises:
            UsageError: the text is not one of the choices, or cannot be parsed.
        """
        if self.is_switch and isinstance(text, bool):
            return text
        words = str(text).strip()
        if self.is_switch:
            return choose(words, ("true", "false"), "") == "true"
        return choose(words, self.choices, "") if self.choices else self.parse(words)

    def read_flag(self, text: object) -> Any:
        """Return the value of the flag. Raises as `read`."""
        if self.flag_choices:
            return choose(str(text).strip(), (*self.choices, *self.flag_choices), "")
        return self.read(text)

    def text_of(self, value: object) -> str:
        """Return a value as config.toml stores it."""
        if self.key == "timeout":
            return f"{value:g}s"
        if self.key == "journal-size" and isinstance(value, int):
            return f"{value / 1024**3:g}G"
        if isinstance(value, bool):
            return str(value).lower()
        return f"{value:g}" if isinstance(value, float) else str(value)


def choose(word: str, choices: tuple[str, ...], what: str) -> str:
    """Return the choice that `word` names, in any case.

    Raises:
        UsageError: it is not a choice; the message lists the choices, the hint names the nearest.
    """
    folded = {choice.lower(): choice for choice in choices}
    if word.lower() in folded:
        return folded[word.lower()]
    from hpcli.reference.choices import refuse_word

    raise refuse_word(word, choices, what=what)


def _parse_seconds(text: str) -> float:
    seconds = parse_duration(text).total_seconds()
    if seconds <= 0:
        raise UsageError(f"'{text}' is too short for a call.", hint="Write 30 (seconds), 90s or 10m.")
    return seconds


def _parse_count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"'{text}' is not a whole number from 1.")
    return int(text)


def _parse_rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0.1 <= rate <= 1000:
        raise UsageError(f"'{text}' is not a number of calls a second from 0.1 to 1000.")
    return rate


COMMON = (
    Setting("profile", "profile to use; 'sandbox' is the bundled stand-in platform", ("--profile",), "HPCLI_PROFILE",
            metavar="NAME"),
    Setting("output", "output format: table, plain, json, ndjson, csv, ids or xlsx; for some commands prometheus",
            ("-o", "--output"), in_config=True, metavar="FORMAT",
            choices=("table", "plain", "json", "ndjson", "csv", "ids", "xlsx"), flag_choices=(METRICS,)),
    Setting("fields", "fields to show, by JSON name", ("--fields",), metavar="A,B.C"),
    Setting("query", "JMESPath expression; printed as json unless -o says otherwise", ("--query",), metavar="EXPR"),
    Setting("no-header", "omit the header line", ("--no-header",), default=False, is_switch=True),
    Setting("utc", "show times in UTC instead of the site's zone", ("--utc",), default=False, is_switch=True,
            in_config=True),
    Setting("color", "colour: auto, always or never", ("--color",), default="auto", in_config=True,
            choices=("auto", "always", "never"), metavar="WHEN"),
    Setting("dry-run", "print requests instead of sending changes", ("--dry-run",), default=False, is_switch=True),
    Setting("yes", "skip confirmation questions", ("-y", "--yes"), default=False, is_switch=True),
    Setting("verbose", "trace API calls on stderr; -vv adds bodies", ("-v", "--verbose"), default=0, is_switch=True),
    Setting("quiet", "suppress notices on stderr", ("-q", "--quiet"), default=False, is_switch=True),
    Setting("timeout", "time limit of one call with its retries", ("--timeout",), default=60.0, parse=_parse_seconds,
            in_config=True, metavar="DURATION"),
    Setting("reason", "why the change is made, for the log of changes", ("--reason",)),
)  # fmt: skip

OTHERS = (
    Setting("app-key", "API key of the account", environment="HPCLI_APP_KEY"),
    Setting("secret-key", "API secret of the account", environment="HPCLI_SECRET_KEY", sensitive=True),
    Setting("secret-key-file", "file with the API secret, mode 0600", environment="HPCLI_SECRET_KEY_FILE"),
    Setting("base-url", "login host of the account", environment="HPCLI_BASE_URL", in_config=True),
    Setting("region", "region of the login host for `auth login`", default="general", choices=("general", "russia"),
            in_config=True),
    Setting("device", "default device of `device isapi`", environment="HPCLI_DEVICE", in_config=True),
    Setting("device-keys-file", "file with picture keys, one `SERIAL KEY` a line, mode 0600",
            environment="HPCLI_DEVICE_KEYS_FILE"),
    Setting("config-dir", "folder of config.toml", environment="HPCLI_CONFIG_DIR"),
    Setting("cache-dir", "folder of tokens and look-ups", environment="HPCLI_CACHE_DIR"),
    Setting("state-dir", "folder of the journal and the sandbox", environment="HPCLI_STATE_DIR"),
    Setting("sandbox-audit", "file for sandbox answers that violate its document; for tests",
            environment="HPCLI_SANDBOX_AUDIT"),
    Setting("user-level", "user level of calls to devices", choices=("installer", "admin"), in_config=True),
    Setting("call-rate", "maximum calls a second of all processes of the account", default=5.0, parse=_parse_rate,
            in_config=True),
    Setting("concurrency", "maximum devices queried in parallel", default=8, parse=_parse_count, in_config=True),
    Setting("pager", "pager for long tables on a terminal, or 'none'", default="none", in_config=True),
    Setting("journal-days", "days that the alarm journal keeps events", default=400, parse=_parse_count,
            in_config=True),
    Setting("picture-days", "days that the alarm journal keeps pictures", default=30, parse=_parse_count,
            in_config=True),
    Setting("journal-size", "maximum size of the alarm journal with its pictures", default=5 * 1024**3,
            parse=parse_size, in_config=True),
    Setting("no-color", "any value turns colour off", environment="NO_COLOR"),
)  # fmt: skip

SETTINGS: Mapping[str, Setting] = {setting.key: setting for setting in (*COMMON, *OTHERS)}
# The name of a file may begin or end with a blank.
_PATH_VARIABLES = frozenset(
    str(setting.environment) for setting in OTHERS if setting.key.endswith(("-file", "-dir", "-audit"))
)


class Settings:
    """The settings of one run.

    Args:
        environment: usually `os.environ`.
        flags: values from the command line by key, added while it is parsed.

    Attributes:
        may_name_new_profile: the command creates the profile that is named.
    """

    def __init__(self, environment: Mapping[str, str], flags: dict[str, Any] | None = None) -> None:
        self.environment = environment
        self.flags: dict[str, Any] = {} if flags is None else flags
        self.may_name_new_profile = False

    @cached_property
    def profiles(self) -> "Profiles":
        """The profiles of config.toml."""
        from hpcli.auth.profiles import Profiles

        return Profiles(self.config_dir)

    def config_problems(self) -> list[str]:
        """Return what hpcli ignores in config.toml, a sentence each."""
        return self.profiles.problems({setting.key for setting in SETTINGS.values() if setting.in_config})

    def get(self, key: str) -> Any:
        """Return the value of a setting by its precedence.

        Raises:
            UsageError: a value cannot be parsed.
        """
        return self.locate(key)[0]

    def locate(self, key: str) -> tuple[Any, str]:
        """Return the value of a setting and its source."""
        setting = SETTINGS[key]
        if key in self.flags:
            return self.flags[key], "flag"
        text = self._variable(setting)
        if text:
            with naming(str(setting.environment)):
                return setting.read(text), str(setting.environment)
        if setting.in_config:
            value, where = self._configured(key)
            if value is not None:
                with naming(f"{key} in {where}"):
                    return setting.read(value), where
        return setting.default, "default"

    def _variable(self, setting: Setting) -> str | None:
        name = setting.environment
        if name is None or (name in ACCOUNT_VARIABLES and not self.reads_account_variables):
            return None
        return self._trimmed(name)

    def _trimmed(self, name: str) -> str:
        """Return a variable without the blanks and carriage returns that editors and Windows leave; "" if unset."""
        value = self.environment.get(name, "")
        return value.strip("\r\n") if name in _PATH_VARIABLES else value.strip()

    def _configured(self, key: str) -> tuple[Any, str]:
        if self.is_sandbox and key in ("base-url", "device"):
            return None, ""
        name = self.profile_name
        if name is not None and name != SANDBOX and name in self.profiles.names():
            value = self.profiles.get(name).settings.get(key)
            if value is not None:
                return value, f"profile {name}"
        return self.profiles.read_setting(f"settings.{key}"), "config.toml"

    @cached_property
    def profile_name(self) -> str | None:
        """The chosen profile: flag, `HPCLI_PROFILE`, else the default of config.toml.

        None if `HPCLI_APP_KEY` names the account, or if there is no profile. `sandbox` always overrides the
        account variables.

        Raises:
            UsageError: the flag or the variable names a profile that does not exist, or `HPCLI_PROFILE` is not the
                profile of `HPCLI_APP_KEY`.
        """
        if self.named_profile:
            self._check_named(self.named_profile)
            return self.named_profile
        default = self.profiles.default
        if default != SANDBOX and self._trimmed("HPCLI_APP_KEY"):
            return None
        return default

    def _check_named(self, name: str) -> None:
        from hpcli.run.profile_choice import check_named, check_same_account

        if name == SANDBOX or self.may_name_new_profile:
            return
        check_named(self.profiles, name)
        if not self._flag_profile:
            key, host = (self._trimmed(variable) for variable in ("HPCLI_APP_KEY", "HPCLI_BASE_URL"))
            check_same_account(self.profiles, name, key, host)

    @property
    def named_profile(self) -> str | None:
        """The profile that the flag or `HPCLI_PROFILE` names, None without one; not checked.

        An empty name counts as none, and so does `default` before there is a config file.
        """
        return self._flag_profile or self._known(self._trimmed("HPCLI_PROFILE"))

    @property
    def _flag_profile(self) -> str | None:
        return self._known(str(self.flags.get("profile") or "").strip())

    def _known(self, name: str) -> str | None:
        is_unset = not name or (
            name == "default" and not self.may_name_new_profile and not self.profiles.exists
        )
        if is_unset or name.isascii():
            return None if is_unset else name
        from hpcli.names import normal  # most names do not need it

        return next((known for known in self.profiles.names() if normal(known) == normal(name)), name)

    @property
    def is_sandbox(self) -> bool:
        """Whether this run uses the sandbox."""
        return self.profile_name == SANDBOX

    @property
    def reads_account_variables(self) -> bool:
        """Whether `HPCLI_APP_KEY`, `HPCLI_SECRET_KEY` and `HPCLI_BASE_URL` apply."""
        return self._flag_profile is None and not self.is_sandbox

    @cached_property
    def config_dir(self) -> Path:
        """Folder of config.toml."""
        return self._directory("config")

    @cached_property
    def cache_dir(self) -> Path:
        """Folder of tokens and look-ups, which can be deleted at any time."""
        return self._directory("cache")

    @cached_property
    def state_dir(self) -> Path:
        """Folder of the journal, pictures and the sandbox."""
        return self._directory("state")

    def _directory(self, kind: str) -> Path:
        named = self._trimmed(f"HPCLI_{kind.upper()}_DIR")
        if named:
            return expand_home(Path(named))
        import platformdirs

        find = {
            "config": platformdirs.user_config_path,
            "cache": platformdirs.user_cache_path,
            "state": platformdirs.user_state_path,
        }[kind]
        with contextlib.suppress(RuntimeError):  # raised by newer versions where there is no home
            folder: Path = find("hpcli", appauthor=False)
            if not str(folder).startswith("~"):
                return folder
        # Neither HOME nor a home in the list of users, as in a container: work without config and cache.
        if kind == "state":
            raise LocalError("There is no home directory.", hint="Set HOME, or HPCLI_STATE_DIR.")
        return Path(os.devnull) / "hpcli"


def expand_home(path: Path) -> Path:
    """Return a path with `~` and `~user` replaced.

    Raises:
        LocalError: there is no such home directory.
    """
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise LocalError(f"{path}: there is no such home directory.", hint="Write the whole path.") from error
