"""Accounts, and the hosts that may get a token."""

from __future__ import annotations

import pytest

from hpcli.auth.account import REGIONS, Account, check_area_domain, is_loopback, normalise_base_url
from hpcli.auth.profiles import Profile
from hpcli.errors import PlatformError, UsageError

GENERAL = REGIONS["general"]


def test_an_account_has_one_id_for_every_spelling_of_its_login_host() -> None:
    spellings = [
        GENERAL,
        "https://API.Hik-Partner.com/",
        "api.hik-partner.com",
        "https://api.hik-partner.com:443",
    ]
    assert len({Account(host, "key").id for host in spellings}) == 1
    # Pinned: token cache, journal and subscription record of earlier releases bear this name.
    assert Account(GENERAL, "key").id == "ed721e07a0e430e1"


def test_accounts_differ_by_host_and_by_key() -> None:
    ids = {Account(host, key).id for host in REGIONS.values() for key in ("one", "two")}
    assert len(ids) == 4


def test_an_account_does_not_show_its_key() -> None:
    assert "app-key-1" not in repr(Account(GENERAL, "app-key-1"))
    assert "app-key-1" not in repr(Profile("work", "app-key-1"))


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (" api.hik-partner.com/ ", "https://api.hik-partner.com"),
        ("HTTPS://Example.ORG", "https://example.org"),
        ("https://example.org.", "https://example.org"),
        ("https://example.org:8443", "https://example.org:8443"),
        ("http://127.0.0.1:8321/", "http://127.0.0.1:8321"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:8321", "http://[::1]:8321"),
    ],
)
def test_a_base_url_is_brought_to_one_form(text: str, url: str) -> None:
    assert normalise_base_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "http://api.hik-partner.com",
        "http://127.0.0.1.example.org",
        "http://127.0.0.999",
        "http://localhost.example.org",
        "ftp://example.org",
        "https://user:pa55@example.org",
        "https://example.org/api",
        "https://example.org?x=1",
        "https://example.org#x",
        "https://example.org:70000",
        "https://example.org:port",
        "https://exa mple.org",
        "https://exa\tmple.org",
        "https://example.org\\@localhost",
        "https://-example.org",
        "https://example..org",
        "https://bücher.example",
        "https://0x7f000001",
        "https://127.1",
        "https://[::1",
    ],
)
def test_a_base_url_that_is_no_safe_host_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        normalise_base_url(text)
    assert "pa55" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("http://127.0.0.1:8321", "here"),
        ("https://127.9.9.9", "here"),
        ("localhost", "here"),
        ("http://[::1]", "here"),
        (GENERAL, "elsewhere"),
        ("https://127.0.0.1.nip.io", "elsewhere"),
        ("https://0.0.0.0", "elsewhere"),
        ("not a host", "elsewhere"),
    ],
)
def test_loopback_is_told_from_other_hosts(url: str, answer: str) -> None:
    assert is_loopback(url) is (answer == "here")


@pytest.mark.parametrize(
    ("area", "login", "url"),
    [
        ("https://ieuapi.hik-partner.com", GENERAL, "https://ieuapi.hik-partner.com"),
        (" isgpapi.hik-partner.com/ ", GENERAL, "https://isgpapi.hik-partner.com"),
        ("HTTPS://IUSAPI.HIK-PARTNER.COM:443/", GENERAL, "https://iusapi.hik-partner.com"),
        ("https://hik-partner.com", GENERAL, "https://hik-partner.com"),
        ("https://api.hik-partnerru.com", GENERAL, "https://api.hik-partnerru.com"),
        ("https://eu.hik-proconnect.com", GENERAL, "https://eu.hik-proconnect.com"),
        ("https://api.hik-proconnectru.com", REGIONS["russia"], "https://api.hik-proconnectru.com"),
        ("localhost", "http://127.0.0.1:4010", "http://localhost:4010"),
        (" 127.0.0.1 ", "https://localhost", "https://127.0.0.1"),
        ("127.0.0.1:8321", "http://localhost:4010", "http://127.0.0.1:8321"),
        ("http://127.0.0.1", "http://localhost:4010", "http://127.0.0.1"),
        ("https://area.example.org", "https://login.example.org", "https://area.example.org"),
        ("https://example.org", "https://login.example.org", "https://example.org"),
        ("https://area.example.org:8443", "https://login.example.org:8443", "https://area.example.org:8443"),
        ("https://area.example.co.uk", "https://login.example.co.uk", "https://area.example.co.uk"),
        ("https://gateway", "https://gateway", "https://gateway"),
        ("https://192.0.2.7", "https://192.0.2.7", "https://192.0.2.7"),
        ("https://co.uk", "https://co.uk", "https://co.uk"),
        ("http://127.0.0.1:8321", "http://127.0.0.1:8321", "http://127.0.0.1:8321"),
        ("127.0.0.1:8321", "http://127.0.0.1:8321", "http://127.0.0.1:8321"),
        ("http://localhost:9000", "http://127.0.0.1:8321", "http://localhost:9000"),
        ("http://[::1]:9000", "https://localhost", "http://[::1]:9000"),
        ("ieuapi.hik-partner.com", "http://127.0.0.1:8321", "https://ieuapi.hik-partner.com"),
    ],
)
def test_an_area_domain_of_the_platform_is_accepted(area: str, login: str, url: str) -> None:
    assert check_area_domain(area, login) == url


@pytest.mark.parametrize(
    ("area", "login"),
    [
        ("", GENERAL),
        ("http://ieuapi.hik-partner.com", GENERAL),
        ("http://ieuapi.hik-partner.com:443", GENERAL),
        ("https://evilhik-partner.com", GENERAL),
        ("https://hik-partner.com.evil.org", GENERAL),
        ("https://hik-partner.evil.com", GENERAL),
        ("https://com", GENERAL),
        ("https://hik-partner.com@evil.org", GENERAL),
        ("https://evil.org#.hik-partner.com", GENERAL),
        ("https://evil.org?.hik-partner.com", GENERAL),
        ("https://evil.org/.hik-partner.com", GENERAL),
        ("https://evil.org\\.hik-partner.com", GENERAL),
        ("https://evil.org\t.hik-partner.com", GENERAL),
        ("https://evil.org%2e.hik-partner.com", GENERAL),
        ("https://evil。hik-partner.com", GENERAL),
        ("https://api.hik-pаrtner.com", GENERAL),  # noqa: RUF001 - a Cyrillic letter is the point
        ("https://xn--hik-prtner-mbg.com", GENERAL),
        ("https://ieuapi.hik-partner.com:8443", GENERAL),
        ("https://ieuapi.hik-partner.com:22", "https://login.example.org:8443"),
        ("ftp://ieuapi.hik-partner.com", GENERAL),
        ("file:///etc/passwd", GENERAL),
        ("https://user@ieuapi.hik-partner.com", GENERAL),
        ("http://127.0.0.1:8321", GENERAL),
        ("https://localhost", GENERAL),
        ("http://ieuapi.hik-partner.com", "http://127.0.0.1:8321"),
        ("http://127.0.0.1.evil.org", "http://127.0.0.1:8321"),
        ("https://evil.org", "http://127.0.0.1:8321"),
        ("https://x.localhost.evil.org", "http://localhost:8321"),
        ("https://evil.co.uk", "https://login.example.co.uk"),
        ("https://evil.com.br", "https://example.com.br"),
        ("https://evil.co.uk", "https://co.uk"),
        ("https://evil.gateway", "https://gateway"),
        ("https://192.0.2.8", "https://192.0.2.7"),
        ("https://1.0.2.7", "https://192.0.2.7"),
        ("https://[2001:db8::2]", "https://[2001:db8::1]"),
    ],
)
def test_an_area_domain_of_anyone_else_is_refused(area: str, login: str) -> None:
    with pytest.raises(PlatformError, match="no token was sent there"):
        check_area_domain(area, login)
