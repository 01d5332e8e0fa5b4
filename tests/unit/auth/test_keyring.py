"""The keyring, against a real Secret Service and against keyrings that must not be used."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.forked import Forked
from tests.support.secret_service import bare_environment, secret_service

pytestmark = pytest.mark.process  # a keyring belongs to a process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.platform_server import Platform
    from tests.support.runner import Runner

SECRET = "s3cr3t-ключ"

# Runs a script that gives its outcome to `tell`, and errors as the boundary would.
_HARNESS = """
import json, sys
from hpcli.auth.keyring_store import KeyringStore
from hpcli.errors import HpcliError
def tell(**told):
    print(json.dumps(told))
try:
    exec(sys.argv[1])
except HpcliError as error:
    tell(error=type(error).__name__, text=error.message, hint=error.hint)
"""

_WEAK = """
from keyring.backend import KeyringBackend
from pathlib import Path
def define(name, strength):
    class Weak(KeyringBackend):
        priority = strength
        def get_password(self, service, username):
            return None
        def set_password(self, service, username, password):
            Path.home().joinpath(name).write_text(password)
    return Weak
define("plain", 0.5), define("obscured", 0.6)
"""

_HANGING = """
import sys, threading, types
from keyring.backend import KeyringBackend
calls = []
class Hanging(KeyringBackend):
    priority = 9
    def get_password(self, service, username):
        calls.append(username)
        threading.Event().wait()
    def set_password(self, service, username, password):
        threading.Event().wait()
sys.modules["hanging"] = types.SimpleNamespace(Keyring=Hanging)
"""


def run(script: str, environment: dict[str, str]) -> dict[str, Any]:
    """Run a script in a process of its own; a keyring that keeps the process from ending fails the test."""
    process = Forked(
        [_HARNESS, script],
        module="tests.support.script",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            stdout, stderr = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert process.returncode == 0, stderr
    outcome: dict[str, Any] = json.loads(stdout)
    return outcome


@pytest.fixture(scope="module")
def service() -> Iterator[dict[str, str]]:
    with secret_service() as environment:
        yield environment


@pytest.fixture
def nothing(tmp_path: Path) -> dict[str, str]:
    return bare_environment(tmp_path)


def test_a_secret_stays_in_the_keyring_until_it_is_deleted(service: dict[str, str]) -> None:
    run(f"KeyringStore().write('work:secret-key', {SECRET!r}); tell()", service)
    read = "tell(value=KeyringStore().read('work:secret-key'))"
    assert run(read, service) == {"value": SECRET}
    delete = "store = KeyringStore(); tell(was_there=[store.delete('work:secret-key') for _ in range(2)])"
    assert run(delete, service) == {"was_there": [True, False]}
    assert run(read, service) == {"value": None}


def test_a_new_secret_replaces_the_old_one_of_its_entry_alone(service: dict[str, str]) -> None:
    script = """
store = KeyringStore()
store.write("one:secret-key", "first")
store.write("two:secret-key", "other")
store.write("one:secret-key", "second")
tell(one=store.read("one:secret-key"), two=store.read("two:secret-key"))
"""
    assert run(script, service) == {"one": "second", "two": "other"}


def test_the_secret_lies_under_the_service_hpcli(service: dict[str, str]) -> None:
    script = """
import keyring
KeyringStore().write("mine:secret-key", "abc")
tell(value=keyring.get_password("hpcli", "mine:secret-key"))
"""
    assert run(script, service) == {"value": "abc"}


def test_the_keyring_in_use_has_a_name(service: dict[str, str]) -> None:
    assert run("tell(name=KeyringStore().backend_name())", service) == {"name": "SecretService Keyring"}


def test_a_secret_read_does_not_show_in_its_repr(service: dict[str, str]) -> None:
    script = f"store = KeyringStore(); store.write('r', {SECRET!r}); tell(shown=repr([store.read('r')]))"
    assert SECRET not in run(script, service)["shown"]


def test_a_locked_keyring_that_nobody_can_unlock_is_a_local_error() -> None:
    script = """
import secretstorage
KeyringStore().write("work:secret-key", "abc")
secretstorage.get_default_collection(secretstorage.dbus_init()).lock()
KeyringStore(seconds=30).read("work:secret-key")
"""
    with secret_service() as environment:
        outcome = run(script, environment)
    assert outcome["error"] == "LocalError"
    assert "locked" in outcome["text"]
    assert "Unlock it" in outcome["hint"]


@pytest.mark.parametrize("call", ["read('x')", "write('x', 'abc')", "delete('x')"])
def test_without_a_keyring_the_hint_names_the_ways_out(nothing: dict[str, str], call: str) -> None:
    outcome = run(f"KeyringStore().{call}", nothing)
    assert outcome["error"] == "LocalError"
    assert "no usable keyring" in outcome["text"]
    assert "hpcli auth login --insecure-storage" in outcome["hint"]
    assert "HPCLI_SECRET_KEY" in outcome["hint"]


@pytest.mark.parametrize(
    "backend",
    [
        "keyring.backends.null.Keyring",
        "keyring.backends.fail.Keyring",
        "keyring.backends.chainer.ChainerBackend",
        "keyring.backends.SecretService.Keyring",
        "no.such.Backend",
        "NoDot",
    ],
)
def test_a_configured_keyring_that_cannot_keep_secrets_counts_as_none(
    nothing: dict[str, str], backend: str
) -> None:
    outcome = run("KeyringStore().write('x', 'abc')", {**nothing, "PYTHON_KEYRING_BACKEND": backend})
    assert outcome["error"] == "LocalError"
    assert "no usable keyring" in outcome["text"]


def test_backends_of_low_priority_are_not_used_even_chained(nothing: dict[str, str], tmp_path: Path) -> None:
    chained = "from keyring import core; core.init_backend(); tell(name=core.get_keyring().name)"
    assert run(_WEAK + chained, nothing)["name"] == "chainer ChainerBackend"

    outcome = run(_WEAK + "KeyringStore().write('x', 'abc')", nothing)
    assert "no usable keyring" in outcome["text"]
    assert list(tmp_path.iterdir()) == []


def test_a_keyring_that_hangs_is_left_behind_and_not_asked_again(nothing: dict[str, str]) -> None:
    script = """
from hpcli.auth.keyring_store import find_backend
find_backend()
store = KeyringStore(seconds=0.2)
texts = []
for entry in ("first", "second"):
    try:
        store.read(entry)
    except HpcliError as error:
        texts.append(error.message)
tell(texts=texts, calls=calls)
"""
    outcome = run(_HANGING + script, {**nothing, "PYTHON_KEYRING_BACKEND": "hanging.Keyring"})
    assert outcome["texts"] == ["The keyring did not answer within 0.2 seconds."] * 2
    assert "second" not in outcome["calls"]


def test_a_person_at_the_terminal_is_told_what_is_waited_for(nothing: dict[str, str]) -> None:
    script = """
told = []
store = KeyringStore(told.append, seconds=0.1, seconds_to_info=0.05)
try:
    store.read("x")
except HpcliError as error:
    tell(told=told)
"""
    outcome = run(_HANGING + script, {**nothing, "PYTHON_KEYRING_BACKEND": "hanging.Keyring"})
    assert len(outcome["told"]) == 1
    assert "Waiting for the keyring" in outcome["told"][0]


def test_the_time_limit_is_short_where_nobody_watches(nothing: dict[str, str]) -> None:
    script = "tell(alone=KeyringStore()._seconds, watched=KeyringStore(print)._seconds)"
    assert run(script, nothing) == {"alone": 3.0, "watched": 60.0}


def test_the_error_of_a_keyring_does_not_show_the_secret(nothing: dict[str, str]) -> None:
    script = """
import subprocess, types
from keyring.backend import KeyringBackend
class Wrapper(KeyringBackend):
    priority = 9
    def get_password(self, service, username):
        return None
    def set_password(self, service, username, password):
        subprocess.run(["false", password], check=True)
sys.modules["wrapper"] = types.SimpleNamespace(Keyring=Wrapper)
KeyringStore().write("x", "s3cr3t")
"""
    outcome = run(script, {**nothing, "PYTHON_KEYRING_BACKEND": "wrapper.Keyring"})
    assert "CalledProcessError" in outcome["text"]
    assert "s3cr3t" not in json.dumps(outcome)


def test_a_keyring_that_loses_the_secret_is_noticed_at_once(nothing: dict[str, str]) -> None:
    script = """
import types
from keyring.backend import KeyringBackend
class Forgetful(KeyringBackend):
    priority = 9
    def get_password(self, service, username):
        return None
    def set_password(self, service, username, password):
        pass
sys.modules["forgetful"] = types.SimpleNamespace(Keyring=Forgetful)
KeyringStore().write("x", "abc")
"""
    outcome = run(script, {**nothing, "PYTHON_KEYRING_BACKEND": "forgetful.Keyring"})
    assert "does not return it" in outcome["text"]


def test_the_variables_never_touch_the_keyring(hpcli: Runner, platform: Platform, home: Path) -> None:
    program = home / "spy.py"
    program.write_text("raise SystemExit('the keyring was touched')")
    environment = {
        **platform.environment,
        "PYTHONPATH": str(home),
        "PYTHON_KEYRING_BACKEND": "spy.Keyring",
    }
    done = hpcli("site", "list", "-o", "ids", environment=environment)
    assert done.exit_code == 0, done.stderr
