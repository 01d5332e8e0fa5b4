"""The token cache: what it keeps, who may read it, and several processes at once."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from hpcli.auth.tokens import MemoryTokenCache, Token, TokenCache, expiry_seconds
from hpcli.errors import TimeLimitError
from tests.support.forked import Forked

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_700_000_000.0
TOKEN = Token("hpc.secret", NOW + 7 * 86400, "https://ieuapi.hik-partner.com")


@pytest.fixture
def cache(tmp_path: Path) -> TokenCache:
    return TokenCache(tmp_path / "cache", "0123456789abcdef")


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_a_token_is_there_until_it_is_forgotten(cache: TokenCache, kind: str) -> None:
    tokens = cache if kind == "file" else MemoryTokenCache()
    assert tokens.load() is None
    tokens.store(Token("older", NOW, "https://api.hik-partner.com"))
    tokens.store(TOKEN)
    assert tokens.load() == TOKEN
    tokens.forget()
    tokens.forget()
    assert tokens.load() is None


def test_accounts_do_not_see_each_others_tokens(tmp_path: Path) -> None:
    TokenCache(tmp_path, "a" * 16).store(TOKEN)
    assert TokenCache(tmp_path, "b" * 16).load() is None


def test_a_token_got_with_another_secret_counts_as_none(tmp_path: Path) -> None:
    TokenCache(tmp_path, "a" * 16, secret=lambda: "right").store(TOKEN)
    assert TokenCache(tmp_path, "a" * 16, secret=lambda: "right").load() == TOKEN
    assert TokenCache(tmp_path, "a" * 16, secret=lambda: "wrong").load() is None
    assert TokenCache(tmp_path, "a" * 16).load() == TOKEN
    assert "right" not in (tmp_path / ("a" * 16) / "token.json").read_text()


def test_a_token_does_not_show_in_its_repr() -> None:
    assert "hpc.secret" not in repr(TOKEN)


def test_a_token_is_renewed_a_minute_early() -> None:
    assert TOKEN.is_fresh(TOKEN.expires_at - 61)
    assert not TOKEN.is_fresh(TOKEN.expires_at - 60)
    assert not TOKEN.is_fresh(TOKEN.expires_at + 9)


@pytest.mark.parametrize(
    ("expire_time", "seconds"),
    [
        (1_640_416_102_626, 1_640_416_102.626),
        ("1640416102626 ", 1_640_416_102.626),
        (7 * 86400, NOW + 7 * 86400),
        (7 * 86400 * 1000, NOW + 7 * 86400),
        ("3600", NOW + 3600),
        (None, NOW + 900),
        ("soon", NOW + 900),
        (-1, NOW + 900),
        (0, NOW + 900),
        (float("inf"), NOW + 900),
        (10**400, NOW + 900),
    ],
)
def test_the_end_of_a_token_is_epoch_milliseconds_or_a_lifetime(expire_time: object, seconds: float) -> None:
    assert expiry_seconds(expire_time, NOW) == pytest.approx(seconds, abs=0.01, rel=0)


def test_nobody_else_can_read_the_token_whatever_the_umask(tmp_path: Path) -> None:
    account_folder = tmp_path / "cache" / "id"
    account_folder.mkdir(parents=True, mode=0o755)
    before = os.umask(0)
    try:
        cache = TokenCache(tmp_path / "cache", "id")
        cache.store(TOKEN)
        with cache.lock():
            pass
    finally:
        os.umask(before)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in (account_folder, *account_folder.iterdir())
    }
    assert modes == {"id": 0o700, "token.json": 0o600, "token.lock": 0o600}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"access_token": "a", "expires_at": "soon", "area_domain": "https://x"}',
        b'{"access_token": "", "expires_at": 1, "area_domain": "https://x"}',
        b'{"access_token": "a", "expires_at": 1, "area_domain": null}',
    ],
)
def test_a_damaged_file_counts_as_no_token_and_is_replaced(cache: TokenCache, content: bytes) -> None:
    cache.store(TOKEN)
    cache.path.write_bytes(content)
    assert cache.load() is None
    cache.store(TOKEN)
    assert cache.load() == TOKEN


def test_without_a_folder_to_write_the_token_lives_in_memory_and_that_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    told: list[str] = []
    cache = TokenCache(tmp_path / "file", "id", told.append)
    with cache.lock():
        cache.store(TOKEN)
    with cache.lock():
        assert cache.load() == TOKEN
    cache.forget()
    assert cache.load() is None
    assert len(told) == 1
    assert "HPCLI_CACHE_DIR" in told[0]


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_waiting_for_a_renewal_that_does_not_end_has_a_limit(cache: TokenCache, kind: str) -> None:
    tokens = cache if kind == "file" else MemoryTokenCache()
    other = TokenCache(cache.path.parents[1], cache.path.parent.name) if kind == "file" else tokens
    with tokens.lock(), pytest.raises(TimeLimitError, match="signing in"), other.lock(0.01):
        pass


def test_an_error_during_the_renewal_gives_the_lock_back(cache: TokenCache) -> None:
    def fail() -> None:
        with cache.lock():
            raise ValueError("no answer")

    with pytest.raises(ValueError, match="no answer"):
        fail()
    with cache.lock(0.01):
        pass


_RENEWER = """
import os, sys
from pathlib import Path
from hpcli.auth.tokens import Token, TokenCache
folder = Path(sys.argv[1])
cache = TokenCache(folder, "id")
log = os.open(folder / "log", os.O_WRONLY | os.O_APPEND)
me = str(os.getpid())
print("ready", flush=True)
sys.stdin.readline()
for _ in range(25):
    with cache.lock():
        os.write(log, f"in {me}\\n".encode())
        token = cache.load()
        if token is None:
            os.write(log, f"renewed {me}\\n".encode())
            cache.store(Token(me, 2e9, "https://api.hik-partner.com"))
        os.write(log, f"out {me}\\n".encode())
print(cache.load().access_token)
"""


def test_of_several_processes_one_renews_and_all_use_its_token(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.touch()
    renewers = [
        Forked(
            [_RENEWER, str(tmp_path)],
            module="tests.support.script",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for renewer in renewers:
        assert renewer.stdout is not None
        assert renewer.stdout.readline() == "ready\n"
    for renewer in renewers:
        assert renewer.stdin is not None
        renewer.stdin.write("go\n")
        renewer.stdin.flush()
    used = [renewer.communicate(timeout=120)[0].strip() for renewer in renewers]

    marks = [line.split() for line in log.read_text().splitlines()]
    renewals = [process for word, process in marks if word == "renewed"]
    assert len(renewals) == 1
    assert used == renewals * 4

    visits = [mark for mark in marks if mark[0] != "renewed"]
    assert [word for word, _ in visits] == ["in", "out"] * 100
    assert all(entered[1] == left[1] for entered, left in zip(visits[::2], visits[1::2], strict=True))


def test_the_file_never_holds_half_a_token(cache: TokenCache) -> None:
    cache.store(TOKEN)
    first = cache.path.stat().st_ino
    with cache.path.open() as reader:
        cache.store(Token("other", NOW, "https://api.hik-partner.com"))
        assert json.load(reader)["access_token"] == "hpc.secret"
    assert cache.path.stat().st_ino != first
    assert [path.name for path in cache.path.parent.iterdir()] == ["token.json"]


@pytest.mark.parametrize("off", [0.0, 40 * 86400.0, -40 * 86400.0])
def test_a_token_lives_as_long_by_a_wrong_clock(off: float) -> None:
    theirs, week = 1.8e9, 7 * 86400.0
    here = theirs + off
    end = expiry_seconds((theirs + week) * 1000, here, theirs)
    assert end == here + week
    token = Token("t", end, "https://area.example.org")
    assert token.is_fresh(here + week - 61)
    assert not token.is_fresh(here + week - 59)
