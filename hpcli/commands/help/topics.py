"""The topics of `hpcli help`, made from the settings and exit codes themselves where these have the facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from textwrap import dedent, wrap

from hpcli.errors import ExitCode
from hpcli.run.settings import COMMON, SETTINGS, Setting

_WIDTH = 80


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of `hpcli help`."""

    summary: str
    write: Callable[[], str]


def describe_setting(setting: Setting) -> str:
    """Return what a setting does, its choices or default behind it."""
    text = setting.help
    if setting.choices and not all(choice in text for choice in setting.choices):
        text += f": {', '.join(setting.choices)}"
    if setting.default not in (None, False, 0):
        text += f" (default {show_value(setting, setting.default)})"
    return text


def show_value(setting: Setting, value: object) -> str:
    """Return a value of a setting as it would be written in config.toml."""
    if setting.key == "timeout":
        return f"{value:g}s"
    if setting.key == "journal-size" and isinstance(value, int):
        return f"{value / 1024**3:g}G"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _options() -> str:
    rows = [
        (
            ", ".join(setting.flags) + ("" if setting.is_switch else f" {setting.metavar}"),
            describe_setting(setting),
        )
        for setting in COMMON
    ]
    return f"""\
Common options: accepted before the family and behind the verb.

{_table(rows)}

The later one wins; -v adds up. Between family and verb they are refused. A flag
beats the environment, which beats the profile, which beats the default; only a
--profile that is typed beats HPCLI_APP_KEY, HPCLI_SECRET_KEY, HPCLI_BASE_URL.

An option that takes several values is repeated or takes commas, - (one value a
line from stdin) or @FILE. A duration is 90, 90s, 10m, 2h or 7d; a time is ISO 8601,
a date, today, yesterday, now, or a duration ago. Without an offset it is a time of
this computer's zone, whatever zone a site is in; 2026-01-31T14:30+09:00 has one.

Examples:

  $ hpcli --profile sandbox site list
  $ hpcli device list --fields deviceSerial,deviceName -o csv
  $ hpcli site list --query "[].siteName"
"""


def _environment() -> str:
    rows = [(s.environment, describe_setting(s)) for s in SETTINGS.values() if s.environment]
    keys = [(s.key, describe_setting(s)) for s in SETTINGS.values() if s.in_config]
    return f"""\
Variables:

{_table(rows)}

The profile sandbox ignores HPCLI_APP_KEY, HPCLI_SECRET_KEY and HPCLI_BASE_URL.
HTTPS_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE work as everywhere.

Keys of config.toml, set with `hpcli config set`, for one profile with --profile:

{_table(keys)}

Examples:

  $ hpcli config list
  $ hpcli config set output json
  $ HPCLI_PROFILE=sandbox hpcli device list
"""


def _exit_codes() -> str:
    rows = [(str(int(code)), code.text) for code in ExitCode]
    return f"""\
Exit codes:

{_table(rows)}

When several items fail alike, theirs is the exit code; when only some fail, or
they fail differently, it is {int(ExitCode.PARTIAL)}. Services that SIGTERM or SIGHUP ends leave with 0.

Examples:

  $ hpcli health report --all --fail-on offline || echo "exit code $?"
  $ hpcli explain EVZ20007
"""


def _output() -> str:
    return dedent("""\
        Formats of -o:

          table    aligned columns that fit the terminal; the default there
          plain    the same columns with tabs, nothing cut; the default elsewhere
          json     one array or one object with all fields, written whole or not at all
          ndjson   one JSON object a line, as rows arrive
          csv      RFC 4180; cells that a spreadsheet would run get a leading '
          ids      one identifier a line, for the next command

        A change prints {target, ok, data, error}; a command that takes several targets
        an array of them, also for one.

        stdout carries data only. Notices, questions and errors go to stderr; with json
        and ndjson each is one JSON object, an error the last line:

          {"error": {"code": "EVZ20007", "message": "The device is offline.",
           "platformMessage": null, "hint": …, "kind": "offline", "httpStatus": 200,
           "exitCode": 8}}

        --fields picks JSON names in every format; a wrong one lists those there are.
        --query is JMESPath over the whole array, with ndjson over each object.
        Tables show codes by name, times in the site's zone (--utc for UTC); JSON has the
        platform's names and types. --color never or NO_COLOR turns colour off.

        Examples:

          $ hpcli device list -o ids
          $ hpcli device list --fields deviceSerial,siteName -o csv
          $ hpcli site list --query "[?timeZone=='133'].siteName"
        """)


def _automation() -> str:
    return dedent("""\
        For scripts, CI jobs and services:

        * Keys: HPCLI_APP_KEY and HPCLI_SECRET_KEY, or HPCLI_SECRET_KEY_FILE (mode 0600);
          the keyring is not touched then. Device keys: HPCLI_DEVICE_KEYS_FILE.
        * Nothing asks where nobody can answer: a change that would ask needs --yes, else
          it is refused with exit code 2 and nothing is sent. --dry-run shows the request.
        * Test exit codes, not texts: `hpcli help exit-codes`.
        * Parse json or ndjson, never tables. Fields are added, never renamed or removed,
          within a major version.
        * Each call is bounded by --timeout, waiting by --wait-timeout. All processes of an
          account share one call limit (config key call-rate), so they may run side by side.
        * One process reads the alarm queue: `hpcli alarms tail -o ndjson`. It keeps alarms
          in the journal before it confirms them, and ends with 0 on SIGTERM.
        * -o ids of one command is the input of the next: `-` reads one a line from stdin.

        Examples:

          $ hpcli device list --offline -o ids
          $ hpcli health report --all --fail-on offline -o json || echo "exit code $?"
          $ hpcli device list -o ids | hpcli device isapi GET /ISAPI/System/deviceInfo -
        """)


def _sandbox() -> str:
    from hpcli.sandbox import verification_code

    labels = ", ".join(f"{serial} {verification_code(serial)}" for serial in ("K77120045", "E77410009"))
    return dedent(f"""\
        The sandbox is a stand-in platform inside hpcli: a demo account with sites, devices
        and alarms in one file, answered over real HTTP on this computer only. No key, no
        network, nothing to install.

        --profile sandbox, or `hpcli auth use sandbox`, starts it inside the command.
        `hpcli sandbox serve` serves the same account to other programs and prints login
        host and key. `trigger` puts events on its queue, `reset` starts over with as many
        sites and devices as you want. Faults, latency and call rate can be set, to see how
        a script takes them.

        Devices for practising `device add`, with their codes: {labels}.

        Examples:

          $ hpcli --profile sandbox site list
          $ hpcli sandbox trigger burglary --picture device
          $ hpcli --profile sandbox alarms tail --limit 1 --for 20s
          $ hpcli sandbox reset
        """)


TOPICS = {
    "options": Topic("the options that every command takes", _options),
    "environment": Topic("variables and keys of config.toml", _environment),
    "exit-codes": Topic("what each exit code means", _exit_codes),
    "output": Topic("formats, fields, queries, errors", _output),
    "automation": Topic("scripts, CI jobs, services", _automation),
    "sandbox": Topic("the bundled stand-in platform", _sandbox),
}
"""Name of a topic to what it tells."""


def _table(rows: Iterable[tuple[str, str]]) -> str:
    """Return rows of name and text, wrapped; long names stand on a line of their own."""
    names = list(rows)
    indent = min(26, max(len(name) for name, _ in names) + 4)
    lines = []
    for name, text in names:
        first, *more = wrap(text, _WIDTH - indent) or [""]
        if len(name) + 4 > indent:
            lines += [f"  {name}", " " * indent + first]
        else:
            lines.append(f"  {name}".ljust(indent) + first)
        lines += [" " * indent + line for line in more]
    return "\n".join(lines)
