"""Completion: what is answered, and what real shells make of it on a terminal."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.generate.declarations import ROOT
from hpcli.commands.completion import SCRIPTS
from hpcli.completion import complete
from hpcli.completion.account import FRESH_SECONDS, AccountNames
from hpcli.reference.codes import code_list
from hpcli.run.settings import Settings
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Runner
from tests.support.terminal import Terminal, open_terminal

pytestmark = pytest.mark.process  # completing has an entry of its own

BAKERY = "cb8217252bef72cc4b18fc1cc9e9efa2"
PANEL = "Q10254783"


def in_six_minutes() -> float:
    return time.time() + FRESH_SECONDS + 60


def answers(*words: str, shell: str = "zsh", environment: dict[str, str] | None = None) -> list[list[str]]:
    return [line.split("\t") for line in complete(shell, list(words), {**os.environ, **(environment or {})})]


def values(*words: str, shell: str = "zsh", environment: dict[str, str] | None = None) -> list[str]:
    return [line[0] for line in answers(*words, shell=shell, environment=environment)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["sit"], ["site"]),
        (["site", "sh"], ["show", "share"]),
        (["device", "upgrade", ""], ["check", "progress", "start"]),
        (["--profile", "sandbox", "site", "unsh"], ["unshare"]),
        (["site", "list", "--sea"], ["--search"]),
        (["site", "list", "--search", "x", "--sea"], []),
        (["site", "list", "-o", "js"], ["json"]),
        (["site", "list", "-ojson", "--outp"], []),
        (["site", "list", "--output=nd"], ["--output=ndjson"]),
        (["-v", "--color", "a"], ["auto", "always"]),
        (["site", "list", "--state", "handing"], ["handing-over"]),
        (["site", "list", "--fields", "siteN"], ["siteName"]),
        (["site", "list", "--fields", "id,siteN"], ["id,siteName"]),
        (
            ["site", "list", "--fields", "id,i"],
            ["id,installerId", "id,installerFirstName", "id,installerLastName"],
        ),
        (["site", "add", "--time-zone", "Europe/Berl"], ["Europe/Berlin"]),
        (["alarms", "tail", "--type", "cid"], ["cidEvent"]),
        (["device", "list", "--category", "nv"], ["nvr"]),
        (["device", "time", "--category", "dv"], ["dvr"]),
        (["explain", "EVZ20007"], ["EVZ20007"]),
        (["help", "exit"], ["exit-codes"]),
        (["config", "set", "col"], ["color"]),
        (["config", "set", "color", "al"], ["always"]),
        (["completion", "f"], ["fish"]),
        (["auth", "use", "sand"], ["sandbox"]),
        (["device", "isapi", "GET", "/ISAPI/System/dev"], ["/ISAPI/System/deviceInfo"]),
        (["site", "handover", "x", "--permissions", "@per"], [":files"]),
        (["alarms", "tail", "--pictures", ""], [":directories"]),
        (["nonsense", ""], []),
        (["site", "list", "surplus"], []),
        ([""], None),
        ([], None),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_words_are_completed_by_where_they_stand(words: list[str], expected: list[str] | None) -> None:
    found = values(*words)
    assert "site" in found if expected is None else found == expected


def test_options_of_the_command_come_first_and_common_ones_too() -> None:
    found = values("site", "list", "--")
    assert found[:3] == ["--search", "--state", "--devices"]
    assert "--profile" in found


def test_outputs_are_completed_from_forward_toml(tmp_path: Path) -> None:
    (tmp_path / "forward.toml").write_text(
        '[output.centre]\nto = ["https://host.example/secret"]\n[output.log]\nto = "file:/x"\n'
    )
    tmp_path.chmod(0o700)
    environment = {"HPCLI_CONFIG_DIR": str(tmp_path)}
    found = [answers("alarms", "forward", verb, "", environment=environment) for verb in ("test", "run")]
    assert found == [[["centre", "https://host.example"], ["log", "file:/x"]]] * 2


def test_everything_has_a_description() -> None:
    for words in ([""], ["site", ""], ["site", "list", "--"], ["site", "list", "-o", ""], ["--profile", ""]):
        assert all(len(answer) == 2 and answer[1] for answer in answers(*words)), words


def test_sites_devices_and_end_users_are_found_by_id_and_by_name(platform: Platform) -> None:
    environment = platform.environment
    assert answers("site", "show", "cb82", environment=environment) == [[BAKERY, "Bäckerei Grünwald"]]
    assert values("site", "show", "grün", environment=environment) == [BAKERY]
    assert values("device", "show", "bakery al", environment=environment) == [PANEL]
    assert PANEL in values("device", "isapi", "GET", "/ISAPI/System/time", "", environment=environment)
    accounts = values("customer", "show", "Bäckerei Grünwald", "", environment=environment)
    assert accounts == ["maria.gruenwald@baeckerei.example", "+498955501200"]


def test_a_panel_is_completed_where_a_panel_is_wanted_and_a_door_device_at_doors(platform: Platform) -> None:
    environment = platform.environment
    kinds = {"panel": {"panel"}, "door": {"access-control", "intercom"}}
    found = {
        "panel": values("panel", "arm", "", environment=environment),
        "door": values("access", "users", "", environment=environment),
    }
    devices = {row["deviceSerial"]: row["deviceCategory"] for row in platform.client().device.list()}
    for where, serials in found.items():
        wanted = {code_list("deviceCategory").value_of(kind) for kind in kinds[where]}
        assert serials
        assert set(serials) == {serial for serial, category in devices.items() if category in wanted}


def test_persons_added_from_here_are_completed(hpcli: Runner, platform: Platform) -> None:
    environment = platform.environment
    add = ("person", "add", "--employee-no", "4711", "--family-name", "Weber", "--given-name", "Jan")
    person = hpcli(*add, environment=environment).stdout.strip()
    assert answers("person", "delete", "", environment=environment) == [[person, "employee 4711"]]


def test_fish_is_given_the_name_of_a_site_since_it_drops_what_looks_different(platform: Platform) -> None:
    found = answers("site", "show", "bäck", shell="fish", environment=platform.environment)
    assert found == [["Bäckerei Grünwald", BAKERY]]


def test_names_are_asked_for_once_in_five_minutes(platform: Platform) -> None:
    names = AccountNames(Settings({**os.environ, **platform.environment}))
    first = names.read("sites")
    asked = control.statistics(platform.state)["requests"]
    assert names.read("sites") == first != []
    assert control.statistics(platform.state)["requests"] == asked
    later = AccountNames(
        Settings({**os.environ, **platform.environment}),
        now=in_six_minutes,
    )
    assert later.read("sites") == first
    assert control.statistics(platform.state)["requests"] != asked


def test_an_unreachable_platform_is_silent_and_older_names_stay(
    platform: Platform, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {**os.environ, **platform.environment}
    kept = AccountNames(Settings(environment)).read("sites")
    platform.configure(faults={"reset": 1.0})
    monkeypatch.setattr("hpcli.completion.account._FETCH_SECONDS", 0.3)
    later = AccountNames(Settings(environment), now=in_six_minutes)
    assert later.read("sites") == kept != []
    offline = {**environment, "HPCLI_APP_KEY": "k", "HPCLI_BASE_URL": "http://127.0.0.1:1"}
    assert values("site", "show", "", environment=offline) == []
    assert capfd.readouterr() == ("", "")


def test_without_an_account_there_is_no_question_and_no_message(hpcli: Runner) -> None:
    result = hpcli("site", "show", "", environment={"_HPCLI_COMPLETE": "bash"})
    assert (result.stdout, result.stderr) == ("", "")


def test_a_hostile_name_reaches_no_terminal_as_it_is(platform: Platform) -> None:
    site = platform.client().site.add("red\x1b[31m\tname", 133)
    shown = dict(answers("site", "show", "", environment=platform.environment))
    assert shown[site["id"]].isprintable()


def test_a_damaged_cache_is_made_anew(platform: Platform) -> None:
    environment = {**os.environ, **platform.environment}
    names = AccountNames(Settings(environment))
    names.read("sites")
    (cache,) = Path(os.environ["XDG_CACHE_HOME"]).glob("hpcli/*/names.json")
    assert cache.stat().st_mode & 0o077 == 0
    cache.write_text(json.dumps([1]))
    assert AccountNames(Settings(environment)).read("sites") != []


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_command_prints_what_the_folder_holds(hpcli: Runner, shell: str) -> None:
    printed = hpcli("completion", shell).stdout
    assert "_HPCLI_COMPLETE" in printed
    if shell != "powershell":
        assert printed == (ROOT / "completions" / SCRIPTS[shell]).read_text()


def test_a_shell_nobody_knows_is_refused_with_the_nearest(hpcli: Runner) -> None:
    result = hpcli("completion", "bsh")
    assert result.exit_code == 2
    assert "Did you mean 'bash' or 'zsh'?" in result.stderr


STARTS = {
    "bash": (["--norc", "--noprofile", "-i"], "PS1='REA''DY> '; source {script}\n"),
    "zsh": (["-f", "-i"], "PS1='REA''DY> '; autoload -Uz compinit; compinit -u -d {dump}; source {script}\n"),
    "fish": (["--no-config", "-i"], "function fish_prompt; echo -n REA'DY> '; end; source {script}\n"),
}


@contextlib.contextmanager
def shell_at_prompt(shell: str, environment: dict[str, str], dump: Path) -> Iterator[Terminal]:
    """A shell that has read its script, at its prompt.

    Args:
        shell: its name.
        environment: variables.
        dump: where zsh keeps which functions complete what, which it takes 0.4 s to find out.
    """
    arguments, setup = STARTS[shell]
    program = shutil.which(shell)
    assert program is not None, f"{shell} is not installed"
    terminal = open_terminal(Path(program), arguments, environment)
    fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    try:
        terminal.type(setup.format(script=ROOT / "completions" / SCRIPTS[shell], dump=dump))
        terminal.wait_for("READY> ")
        terminal.shown = ""
        yield terminal
    finally:
        terminal.process.kill()
        terminal.process.wait()
        os.close(terminal.master)


@pytest.fixture(scope="session")
def zsh_dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("zsh") / "dump"


@pytest.fixture
def shell_environment(platform: Platform) -> dict[str, str]:
    return {
        **platform.environment,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
    }


@pytest.mark.parametrize("shell", STARTS)
@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("hpcli sit\t", "hpcli site"),
        ("hpcli site li\t", "list"),
        ("hpcli site list --out\t", "--output"),
        ("hpcli site list -o nd\t", "ndjson"),
        ("hpcli site list --output=nd\t", "ndjson"),
        ("hpcli device show Q1025478\t", PANEL),
        ("hpcli --profile sand\t", "sandbox"),
        ("hpcli site sh\t\t", "Show everything that is known of a site."),
        ("hpcli site list --state \t\t", "the end user has the site"),
        ("hpcli site delete \t\t", "Harbour View Hotel"),
        ("hpcli site handover x --permissions @/etc/hostn\t", "@/etc/hostname"),
    ],
)
def test_a_real_shell_completes(
    shell: str, typed: str, shown: str, shell_environment: dict[str, str], zsh_dump: Path
) -> None:
    with shell_at_prompt(shell, shell_environment, zsh_dump) as terminal:
        terminal.type(typed)
        terminal.wait_for(shown)


@pytest.mark.parametrize("shell", STARTS)
@pytest.mark.parametrize(
    "odd", [":q $(touch run-by-shell)", "-Z `touch run-by-shell`", 'it\'s "q" $HOME;touch run-by-shell']
)
def test_what_a_shell_would_read_is_quoted(
    shell: str,
    odd: str,
    shell_environment: dict[str, str],
    zsh_dump: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    names = AccountNames(Settings({**os.environ, **shell_environment}))
    names.read("sites")
    (cache,) = Path(os.environ["XDG_CACHE_HOME"]).glob("hpcli/*/names.json")
    kept = json.loads(cache.read_text())
    kept["sites"]["rows"] = [[odd, "A site"]]
    cache.write_text(json.dumps(kept))
    with shell_at_prompt(shell, shell_environment, zsh_dump) as terminal:
        terminal.type("hpcli site show \t")
        terminal.wait_for("run-by-shell")
        terminal.type("\n")
        terminal.wait_for("no option -Z" if odd.startswith("-") else f"There is no site '{odd}'")
    assert not (tmp_path / "run-by-shell").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_name_becomes_the_serial(shell: str, shell_environment: dict[str, str], zsh_dump: Path) -> None:
    with shell_at_prompt(shell, shell_environment, zsh_dump) as terminal:
        terminal.type("hpcli device show 'Bakery al\t")
        terminal.wait_for(PANEL)
