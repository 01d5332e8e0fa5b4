"""The topics of `hpcli help`; facts come from the settings and exit codes themselves."""

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
    """Return the description of a setting with its choices and default."""
    text = setting.help
    if setting.choices and not all(choice in text for choice in setting.choices):
        text += f": {', '.join(setting.choices)}"
    if setting.default not in (None, False, 0):
        text += f" (default {setting.text_of(setting.default)})"
    return text


def _options() -> str:
    rows = [
        (
            ", ".join(setting.flags) + ("" if setting.is_switch else f" {setting.metavar}"),
            describe_setting(setting),
        )
        for setting in COMMON
    ]
    return f"""\
Common options, accepted before the family and after the verb:

{_table(rows)}

If an option is given twice, the later one wins; -v adds up. Options are refused
between family and verb. A flag overrides the environment, which overrides the
profile, which overrides the default. Only an explicit --profile overrides
HPCLI_APP_KEY, HPCLI_SECRET_KEY and HPCLI_BASE_URL.

To give several values, repeat the option or use commas, - (one value a line from
stdin) or @FILE. A duration is 90, 90s, 10m, 2h or 7d. A time is ISO 8601, a date,
today, yesterday, now, or a duration ago; a date at the end of a range means that
whole day. For --since and --until, 22:00 is the last time the clock showed it, today
or yesterday. A time without an offset is in this computer's time zone, not the
site's; 2026-01-31T14:30+09:00 has an offset.

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
HPCLI_APP_KEY needs HPCLI_SECRET_KEY or HPCLI_SECRET_KEY_FILE, and the other way
round. A profile that is named must exist, and HPCLI_PROFILE must not contradict
HPCLI_APP_KEY: otherwise exit code 2, and nothing is done.
HTTPS_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE work as usual.

Keys of config.toml; set them with `hpcli config set`, or with --profile for one profile:

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

If all items of a command fail with the same exit code, that is the exit code. If
only some fail, or they fail differently, it is {int(ExitCode.PARTIAL)}. A service stopped by SIGTERM or
SIGHUP exits with 0. After Ctrl-C a command cleans up and dies by SIGINT, so that a
shell loop stops; the shell shows 130.

Examples:

  $ hpcli health report --all --fail-on offline || echo "exit code $?"
  $ hpcli explain EVZ20007
"""


def _output() -> str:
    return dedent("""\
        Formats of -o:

          table    aligned columns that fit the terminal; the default on a terminal
          plain    the same columns separated by tabs, uncut; the default elsewhere
          json     one array or object with all fields, written completely or not at all
          ndjson   one JSON object a line, as rows arrive
          csv      RFC 4180; cells a spreadsheet would execute get a leading '
          ids      one identifier a line, for the next command
          xlsx     a workbook, for a file: needs the extra excel
          prometheus  numbers of `alarms status` and `health report`: extra metrics

        A change prints {target, ok, data, error}; a command that accepts several
        targets prints an array of these, even for one target.

        Only data goes to stdout. Notices, questions and errors go to stderr; with json
        and ndjson each is one JSON object, and the error is the last line:

          {"error": {"code": "EVZ20007", "message": "The device is offline.",
           "platformMessage": null, "hint": …, "kind": "offline", "httpStatus": 200,
           "exitCode": 8, "target": "F55120761"}}

        Every list takes --where 'NAME OP VALUE' with = (or ==) != < <= > >= ~ !~
        (contains), --sort NAME[,-NAME], --count-by NAME[,NAME] and --limit N, applied in
        this order except the count, which comes before sorting. NAME is a JSON name
        or a heading; versions, times, ages (offline-since > 7d) and priorities (low < high)
        compare as such, others are refused. NAME = "" finds rows without a value.
        --fields selects JSON names in every format; a wrong name lists the valid ones.
        --query applies JMESPath to the whole array, with ndjson to each object. Its
        result is printed as json, or as -o says: objects are rows with their keys as
        headings, lists are rows without headings.
        Tables show codes by name and times in the site's zone (--utc for UTC); JSON has
        the platform's names and types. --color never or NO_COLOR turns colour off.

        Examples:

          $ hpcli device list -o ids
          $ hpcli device list --fields deviceSerial,siteName -o csv
          $ hpcli site list --query "[?timeZone=='133'].siteName"
        """)


def _automation() -> str:
    return dedent("""\
        For scripts, CI jobs and services:

        * Set HPCLI_APP_KEY and HPCLI_SECRET_KEY, or HPCLI_SECRET_KEY_FILE (mode 0600);
          the keyring is then not used. HPCLI_DEVICE_KEYS_FILE holds device keys.
        * Without a terminal hpcli asks nothing: a change that needs confirmation is
          refused with exit code 2 unless you give --yes. --dry-run shows the request.
        * Test exit codes, not messages; see `hpcli help exit-codes`.
        * Parse json or ndjson, never tables. Fields are added, never renamed or removed,
          within a major version.
        * --timeout limits each call, --wait-timeout limits waiting. All processes of an
          account share one call limit (config key call-rate), so they can run in parallel.
        * Use one process to read the alarm queue: `hpcli alarms tail -o ndjson`. It stores
          alarms in the journal before it confirms them, and exits with 0 on SIGTERM.
        * Pipe -o ids of one command into the next: `-` reads one id a line from stdin.
        * A SERIAL or SITE may be several: with commas, as several words where it is the only
          argument, - or @FILE. --all, --site, --category and --pick 'NAME OP VALUE' (as
          --where, on rows of `device list` or `site list`) select them where help says so.
          Targets are worked on in parallel. One bare serial or site prints what it always
          did; otherwise the answer is an array, and each row has `target`.

        Examples:

          $ hpcli device list --offline -o ids
          $ hpcli health report --all --fail-on offline -o json || echo "exit code $?"
          $ hpcli device list -o ids | hpcli device isapi GET /ISAPI/System/deviceInfo -
          $ hpcli device time --pick 'model ~ NVR' -o json
        """)


def _sandbox() -> str:
    from hpcli.sandbox import OWN_PICTURE_KEYS, verification_code

    labels = ", ".join(f"{serial} {verification_code(serial)}" for serial in ("K77120045", "E77410009"))
    own_keys = ", ".join(f"{serial} {key}" for serial, key in OWN_PICTURE_KEYS.items())
    return dedent(f"""\
        The sandbox is a stand-in platform inside hpcli: a demo account with sites, devices
        and alarms in one file, served over real HTTP on this computer only. It needs no
        key, no network and no installation.

        --profile sandbox, or `hpcli auth use sandbox`, starts it inside the command.
        `hpcli sandbox serve` serves the same account to other programs and prints login
        host and key. `trigger` puts events on its queue; `reset` starts over with as many
        sites and devices as you want. To test a script, set faults, latency and call rate.

        Devices to try `device add` with, and their codes: {labels}.
        `hpcli sandbox spares -o csv` lists 500 more, as `device add --from` reads them.

        hpcli knows the keys of the sandbox's pictures, except where the owner chose one:
        {own_keys}. `hpcli auth device-key set` stores them.

        `serve --site-delay 5s` makes new sites show up late, and `--offline-code LAP020011`
        answers for offline devices as some servers do.

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
"""Name to topic."""


def _table(rows: Iterable[tuple[str, str]]) -> str:
    """Return rows of name and text, wrapped; long names get their own line."""
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
