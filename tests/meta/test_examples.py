"""Every example of help, man pages, README and docs, run as it stands on a terminal against the sandbox."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpcli.errors import ExitCode
from hpcli.sandbox import APP_KEY, SECRET_KEY, control, verification_code
from tests.support.command_tree import commands
from tests.support.examples import PANEL, ROOT, all_examples, make_files, write_picture
from tests.support.platform_server import Platform, lift_call_limit, start_platform
from tests.support.runner import ForkRunner, Runner
from tests.support.secret_service import secret_service
from tests.support.shell_command import shell_command
from tests.support.terminal import open_forked_terminal, open_terminal

PROGRAMS = Path(sys.executable).parent
NOT_RUN = {
    "hpcli log resume": "nothing was interrupted; tests/commands/log/test_resume.py does it",
    "hpcli auth login --profile work --region russia": "the vendor's own host",
    "hpcli auth logout --profile work": "needs the profile of the line above",
}
SERVES_FOR_EVER = re.compile(
    r"alarms (tail(?!.*--limit)|history -f)|(sandbox|metrics) serve|--every\b|--watch|hotspare watch"
)
FINDS_PROBLEMS = re.compile(r"--fail-on|alarms status .*--query")
SERVERS = {"5f0c8c8a-0d4b-4c9e-9d43-1a2b3c4d5e6f": "host", "0e0f1a2b-3c4d-4e5f-8a9b-0c1d2e3f4a5b": "spare1"}
SOME_ARE_OFFLINE = re.compile(r"isapi .*(--all|--category panel| -( -o ndjson)?$)")
ANSWERS = {
    r"\[y/N\] $": "y\n",
    r"Type '([^']+)' to continue: $": r"\1" + "\n",
    r"API key: $": f"{APP_KEY}\n",
    r"API secret: $": f"{SECRET_KEY}\n",
    r"Password of .*: $": "geheim\n",
    r"Key of \w+: $": f"{verification_code(PANEL)}\n",
    r"code of K77120045: $": f"{verification_code('K77120045')}\n",
}


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory with an alarm that was read, with its picture, and a change in the log."""
    folder = tmp_path_factory.mktemp("stage")
    environment = {
        "HPCLI_STATE_DIR": str(folder),
        "HPCLI_PROFILE": "sandbox",
        "HPCLI_CACHE_DIR": str(folder / "c"),
    }
    hpcli = ForkRunner()
    with start_platform(folder / "sandbox.db") as platform:
        platform.trigger("burglary", picture="platform")
        platform.configure(task_seconds=0.001)  # no example is about how long a task takes
    tail = (
        "alarms",
        "tail",
        "--decrypt",
        "--pictures",
        str(folder / "pictures"),
        "--limit",
        "1",
        "--for",
        "20s",
    )
    done = hpcli(*tail, environment=environment)
    assert done.exit_code == 0, done.stderr
    done = hpcli("device", "update", PANEL, "--name", "Shop", environment=environment)
    assert done.exit_code == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def keyring() -> Iterator[dict[str, str]]:
    """A real keyring, for the examples that sign in."""
    with secret_service() as environment:
        yield environment


@pytest.fixture(scope="session")
def in_shells() -> Iterator[Path]:
    """A folder with the command as shells start it."""
    with shell_command() as folder:
        yield folder


def environment_of(example: str, stage: Path, in_shells: Path, tmp_path: Path) -> dict[str, str]:
    """A copy of the stage, and a working directory with the files that are named."""
    state = tmp_path / "state"
    shutil.copytree(stage, state)
    work = tmp_path / "work"
    work.mkdir()
    make_files(work)
    if ".enc" in example:
        is_by_platform = "--checksum" in example
        write_picture(
            work,
            "platform" if is_by_platform else "device",
            {"checksum": "fd9b7f16393203046d40be71da380128", "time": "2021-08-09T12:54:25"},
        )
    return {
        **lift_call_limit(tmp_path / "config"),
        "HPCLI_STATE_DIR": str(state),
        "HPCLI_PROFILE": "sandbox",
        "PATH": os.pathsep.join([str(in_shells), str(PROGRAMS), os.environ["PATH"]]),
        "KEY": APP_KEY,
        "TERM": "xterm",
    }


def run(example: str, environment: dict[str, str], work: Path) -> tuple[int, str]:
    """Run an example on a terminal; what serves for ever is ended as systemd would, once it serves.

    What only a shell understands runs in bash. All commands are forked, in a tenth of the time of an interpreter.
    """
    if needs_shell(example):
        line = f"set -o pipefail; cd '{work}'; {example}"
        terminal = open_terminal(Path("/bin/bash"), ["-c", line], environment)
    else:
        terminal = open_forked_terminal(shlex.split(example)[1:], environment, work)
    if SERVES_FOR_EVER.search(example):
        assert not needs_shell(example), "bash would get the signal, not hpcli"
        terminal.end_when_it_serves()
    return terminal.finish_answering(ANSWERS), terminal.shown


def on_free_ports(example: str) -> str:
    """An example that serves, on ports that the system picks: two runs of the tests may be on one computer."""
    if "metrics serve" in example and "--listen" not in example:
        return f"{example} --listen 127.0.0.1:0"
    if "sandbox serve" in example and "--port" not in example:
        return f"{example} --port 0"
    return re.sub(r"(--port |--listen [\w.]+:)\d+", r"\g<1>0", example)


def needs_shell(example: str) -> bool:
    """Whether an example is more than the words of one command."""
    unquoted = re.sub(r"""'[^']*'|"[^"$`\\]*\"""", "", example)
    return not example.startswith("hpcli ") or re.search(r"[^\w\s.,:+@/%=-]", unquoted) is not None


@pytest.mark.parametrize("example", [example for example in all_examples() if example not in NOT_RUN])
def test_the_example_works(
    example: str,
    hpcli: Runner,
    stage: Path,
    in_shells: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment = environment_of(example, stage, in_shells, tmp_path)
    if example.startswith(("hpcli auth", "TOKEN")) and "sandbox" not in example:
        monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
        platform: Platform = request.getfixturevalue("platform")
        environment |= request.getfixturevalue("keyring") | {
            "PATH": environment["PATH"],
            "HPCLI_BASE_URL": platform.base_url,
            "HPCLI_PROFILE": "",
            "HPCLI_CONFIG_DIR": environment["HPCLI_CONFIG_DIR"],
        }
        if " login" not in example:
            sign_in(environment)
    prepare(hpcli, example, environment, tmp_path / "work")
    code, shown = run(on_free_ports(example), environment, tmp_path / "work")
    assert "Traceback" not in shown
    assert code in exit_codes(example), shown


def exit_codes(example: str) -> tuple[int, ...]:
    """The exit codes that are right for an example."""
    if FINDS_PROBLEMS.search(example):
        return (ExitCode.DONE, ExitCode.CHECK)
    return (ExitCode.PARTIAL,) if SOME_ARE_OFFLINE.search(example) else (ExitCode.DONE,)


def prepare(hpcli: Runner, example: str, environment: dict[str, str], work: Path) -> None:
    """Make what an example takes for granted: servers and a file, the address of a picture."""
    if "hotspare" in example and "hotspare add" not in example:
        for server, role in SERVERS.items():
            assert hpcli("hotspare", "add", server, "--role", role, environment=environment).exit_code == 0
        upload = hpcli("hotspare", "file", "upload", str(work / "backup.zip"), environment=environment)
        environment["FILE_KEY"] = upload.stdout.strip()
    if "alarms forward" in example and "forward add" not in example:
        target = ("--to", f"file:{work}/alarms", "--from", "beginning")
        assert hpcli("alarms", "forward", "add", "log", *target, environment=environment).exit_code == 0
    if "metrics serve --all-profiles" in example:
        with (Path(environment["HPCLI_CONFIG_DIR"]) / "config.toml").open("a", encoding="utf-8") as config:
            config.write(f'[profiles.work]\napp-key = "{APP_KEY}"\n')
    if "alarms restore" in example:
        backup = hpcli("alarms", "backup", str(work / "alarms-backup.zip"), environment=environment)
        assert backup.exit_code == 0, backup.stderr
    if "fleet" in example and "before.yaml" in example and "export" not in example:
        assert hpcli("fleet", "export", str(work / "before.yaml"), environment=environment).exit_code == 0
    if "@last" in example:
        assert hpcli("fleet", "snapshot", environment=environment).exit_code == 0
    if "alarms tail" in example:
        control.trigger(Path(environment["HPCLI_STATE_DIR"]) / "sandbox.db", "burglary")
    if "$ADDRESS" in example:
        events = hpcli("alarms", "history", "-o", "ndjson", environment=environment).rows
        environment["ADDRESS"] = next(row["pictures"][0]["url"] for row in events if row.get("pictures"))


def sign_in(environment: dict[str, str]) -> None:
    """Make the profile that the examples of `auth` are about, with a device key."""
    hpcli = ForkRunner()
    login = ("auth", "login", "--app-key", APP_KEY, "--secret-stdin")
    assert hpcli(*login, stdin=SECRET_KEY, environment=environment).exit_code == 0
    key = ("auth", "device-key", "set", PANEL, "--key-stdin")
    assert hpcli(*key, stdin=verification_code(PANEL), environment=environment).exit_code == 0
    assert hpcli(*key, "--as", "admin", stdin="geheim", environment=environment).exit_code == 0


def test_every_command_has_an_example_and_all_of_them_are_run() -> None:
    run = set(all_examples())
    assert [name for name, command in commands().items() if not command["examples"]] == []
    assert [
        example for command in commands().values() for example in command["examples"] if example not in run
    ] == []


@pytest.mark.parametrize("page", ["docs/library.md"])
def test_the_python_examples_run(page: str, platform: Platform, tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
    assert blocks
    account = f'app_key="{APP_KEY}", secret_key="{SECRET_KEY}", base_url="{platform.base_url}"'
    for block in blocks:
        code = block.replace('app_key="…", secret_key="…"', account)
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_the_docs_know_every_exit_code() -> None:
    text = (ROOT / "docs/automation.md").read_text()
    assert re.findall(r"^\| (\d+) \|", text, re.MULTILINE) == [str(int(code)) for code in ExitCode]


def test_each_picture_is_shown_and_made() -> None:
    shown = set()
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"!\[[^]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            shown.add((page.parent / link).relative_to(ROOT).as_posix())
    from docs.generate.pictures import PICTURES

    assert shown == {f"docs/pictures/{name}.svg" for name in PICTURES}
    assert [picture for picture in shown if not (ROOT / picture).is_file()] == []


def test_links_of_the_docs_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
