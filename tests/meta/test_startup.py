"""What each kind of command imports: a test without a clock, so that a quick start cannot rot unseen.

`tests/benchmarks/startup.py` measures what this guards.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.platform_server import Platform

HEAVY = {
    "requests", "keyring", "rich", "cryptography", "pydantic", "jmespath", "tomlkit", "sqlite3", "filelock",
    "importlib.metadata", "importlib.resources", "typer", "pygments",
    "charset_normalizer.api", "chardet.universaldetector",
    "werkzeug", "jsonschema", "hpcli.sandbox",  # the stand-in's
}  # fmt: skip
# A site list in JSON shows no code or time zone by its name, changes nothing, and meets no fault.
UNUSED_BY_A_LIST = {
    "hpcli.reference.codes", "hpcli.reference.timezones", "hpcli.client.handover_permissions", "hpcli.client.device",
    "hpcli.output.outcome_table", "hpcli.output.progress", "hpcli.client.deep_json", "hpcli.auth.keyring_store",
    "hpcli.isapi.lenient_json", "xml.sax.saxutils",
}  # fmt: skip
NETWORK = {"requests", "importlib.metadata", "importlib.resources"}  # urllib3 imports the last two


def imported(*arguments: str, environment: dict[str, str] | None = None) -> set[str]:
    """Run a command; return the modules it imported."""
    import os

    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "hpcli", *arguments],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def heavy(modules: set[str]) -> set[str]:
    return modules & HEAVY


def test_the_version_needs_no_command_line() -> None:
    modules = imported("--version")
    assert heavy(modules) == set()
    assert {name for name in modules if name.startswith("hpcli")} == {"hpcli"}


def test_completing_a_verb_needs_neither_typer_nor_the_families() -> None:
    modules = imported("site", "l", environment={"_HPCLI_COMPLETE": "zsh"})
    assert heavy(modules) == set()
    assert not any(name.startswith(("hpcli.commands", "hpcli.client")) for name in modules)


def test_completing_a_site_from_the_cache_needs_no_network(platform: Platform) -> None:
    environment = {"_HPCLI_COMPLETE": "zsh", **platform.environment}
    assert "requests" in imported("site", "show", "", environment=environment)
    assert heavy(imported("site", "show", "", environment=environment)) == set()


def test_the_root_help_imports_no_family() -> None:
    modules = imported("--help")
    assert heavy(modules) == {"typer"}
    assert "hashlib" not in modules, "it loads OpenSSL"
    shared = ("hpcli.commands.framework", "hpcli.commands.registry")
    families = {
        name for name in modules if name.startswith("hpcli.commands.") and not name.startswith(shared)
    }
    assert families == set()


@pytest.mark.parametrize("family", ["site", "device", "alarms", "person"])
def test_the_help_of_a_family_imports_nothing_that_only_calls_need(family: str) -> None:
    assert heavy(imported(family, "--help")) <= {"typer"}


@pytest.mark.parametrize(
    "arguments",
    [("timezones", "berlin"), ("explain", "EVZ20007"), ("help", "output"), ("completion", "bash"),
     ("config", "list"), ("commands", "-o", "ids"), ("alarms", "types")],
    ids=" ".join,
)  # fmt: skip
def test_a_command_without_calls_imports_no_network_and_no_rich_in_a_pipe(arguments: tuple[str, ...]) -> None:
    assert heavy(imported(*arguments)) <= {"typer"}


def test_a_list_with_a_cached_token_imports_requests_and_little_else(platform: Platform) -> None:
    imported("site", "list", "-o", "json", environment=platform.environment)
    modules = imported("site", "list", "-o", "json", environment=platform.environment)
    assert heavy(modules) <= {"typer", *NETWORK}
    assert "requests" in modules
    assert modules & UNUSED_BY_A_LIST == set()


def test_a_request_to_a_device_imports_the_calls_of_no_other_family(platform: Platform) -> None:
    line = ("device", "isapi", "GET", "/ISAPI/System/deviceInfo", "Q10254783")
    imported(*line, environment=platform.environment)
    operations = "hpcli.api.operations."
    modules = imported(*line, environment=platform.environment)
    families = {
        name.removeprefix(operations).partition(".")[0] for name in modules if name.startswith(operations)
    }
    assert families == {"auth", "device"}


def test_the_client_needs_neither_typer_nor_rich() -> None:
    code = (
        "import sys; from hpcli.client import Client; Client('k', 's', 'http://127.0.0.1:1').site;"
        "print(sorted({'typer', 'rich', 'keyring'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
