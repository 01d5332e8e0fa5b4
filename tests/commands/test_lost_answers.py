"""Changes whose answers are lost: said to be unknown, never sent twice unless harmless, and done when found gone."""

from __future__ import annotations

import pytest

from hpcli.client import Client
from hpcli.client.person.person import Person
from hpcli.errors import ExitCode
from tests.support.proxy import Exchange, Proxy, replace
from tests.support.runner import Runner

pytestmark = pytest.mark.usefixtures("no_call_limit")

PANEL = "Q10254783"
UUID = "5f0c8c8a-0d4b-4c9e-9d43-1a2b3c4d5e6f"
RECORDER = "Q10254801"


@pytest.fixture
def client(proxy: Proxy) -> Client:
    return proxy.platform.client()


def lose(exchange: Exchange) -> None:
    """Let the stand-in do what was asked, and hang up."""
    exchange.execute()


def site_with_customer(client: Client) -> tuple[str, str]:
    for site in client.site.list():
        for row in client.customer.list(site["id"]):
            return site["id"], row["hcAccount"]
    raise AssertionError("the stand-in has no customer")


@pytest.mark.usefixtures("short_pauses")
@pytest.mark.parametrize("fault", [lose, replace(status=502, body=b"<html>Bad gateway</html>")])
@pytest.mark.parametrize(
    ("operation", "command"),
    [
        ("siteDelete", "site delete {site}"),
        ("siteCustomerCancle", "customer remove {site} {customer}"),
        ("deviceDelete", "device delete {recorder}"),
        ("hotspareDelete", "hotspare delete {uuid}"),
        ("hotspareFileDelete", "hotspare file delete {key}"),
        ("personDelete", "person delete {person}"),
    ],
)
def test_what_a_hidden_second_try_finds_gone_is_done(
    hpcli: Runner, proxy: Proxy, client: Client, fault: object, operation: str, command: str
) -> None:
    site, customer = site_with_customer(client)
    client.hotspare.add(UUID, 0)
    names = {
        "site": site,
        "customer": customer,
        "recorder": RECORDER,
        "uuid": UUID,
        "key": client.hotspare.file.upload("a.txt", b"text") if operation == "hotspareFileDelete" else "",
        "person": client.person.add(Person("P1", "Weber", "Jan", 0)) if "person" in command else "",
    }
    proxy.spoil(fault, operation=operation, calls={1})  # type: ignore[arg-type] # both are spoilers
    done = hpcli(*command.format(**names).split(), "--yes", environment=proxy.platform.environment)
    assert done.exit_code == ExitCode.DONE, done.stderr
    assert len(proxy.sent(operation)) == 2
    assert "was gone already" in done.stderr


@pytest.mark.usefixtures("short_pauses")
@pytest.mark.parametrize("code", ["LAP006018", "LAP006008", "LAP064003", "EVZ20017"])
@pytest.mark.parametrize(
    ("operation", "command"),
    [
        ("arcserviceDeviceEnable", f"arc enable {PANEL} --arc-id 1 --yes"),
        ("siteAssign", "site assign {site} --installer juergen.mueller@nordlicht.example --yes"),
    ],
)
def test_what_a_hidden_second_try_finds_there_is_done(
    hpcli: Runner, proxy: Proxy, client: Client, operation: str, command: str, code: str
) -> None:
    site = next(iter(client.site.list()))["id"]
    refusal = replace(body=f'{{"errorCode": "{code}"}}'.encode(), is_done=False)

    def lose_then_refuse(exchange: Exchange) -> None:
        (lose if len(proxy.sent(operation)) == 1 else refusal)(exchange)

    proxy.spoil(lose_then_refuse, operation=operation)
    line = command.format(site=site).split()
    done = hpcli(*line, environment=proxy.platform.environment)
    assert done.exit_code == ExitCode.DONE, done.stderr
    assert "is done, or was there already" in done.stderr
    assert "refused" not in done.stderr
    proxy.forget()
    proxy.spoil(refusal, operation=operation)
    refused = hpcli(*line, environment=proxy.platform.environment)
    assert (refused.exit_code, len(proxy.sent(operation))) == (ExitCode.REFUSED, 1), "nothing was lost"


@pytest.mark.parametrize(
    ("operation", "command"),
    [
        ("siteAdd", "site add --name New --time-zone Europe/Berlin"),
        ("deviceAdd", "device add K77120045 --site {site} --codes -"),
        ("hotspareAdd", f"hotspare add {UUID} --role host"),
    ],
)
@pytest.mark.parametrize("fault", [lose, replace(status=503, body=b"<html>Busy</html>")])
def test_an_add_whose_answer_is_lost_is_not_sent_again(
    hpcli: Runner, proxy: Proxy, client: Client, operation: str, command: str, fault: object
) -> None:
    site = next(iter(client.site.list()))["id"]
    proxy.spoil(fault, operation=operation, calls={1})  # type: ignore[arg-type] # both are spoilers
    added = hpcli(
        *command.format(site=site).split(), stdin="K77120045:ABCDEF\n", environment=proxy.platform.environment
    )
    assert (added.exit_code, len(proxy.sent(operation))) == (ExitCode.NETWORK, 1), added.stderr
    assert "not known whether the change was made" in added.stderr
    assert "refused" not in added.stderr


@pytest.mark.parametrize(
    ("operation", "command", "look"),
    [
        ("siteAdd", "site add --name New --time-zone Europe/Berlin", "hpcli site list"),
        ("siteShareCancel", "site unshare {site} --yes", "hpcli site show SITE"),
        ("isapiDisarm", f"panel disarm {PANEL} 1 --yes", "hpcli panel areas"),
        ("arcserviceDeviceEnable", f"arc enable {PANEL} --arc-id 1 --yes", "hpcli arc list"),
    ],
)
def test_a_change_whose_answer_stays_lost_says_so_and_where_to_look(
    hpcli: Runner, proxy: Proxy, client: Client, operation: str, command: str, look: str
) -> None:
    site = next(iter(client.site.list()))["id"]
    proxy.spoil(lose, operation=operation)
    for name in ("isapiGetAreas", "isapiAreas"):  # what would show that it was done
        proxy.spoil(lose, operation=name)
    done = hpcli(
        *command.format(site=site).split(), "--timeout", "3s", environment=proxy.platform.environment
    )
    assert done.exit_code == ExitCode.NETWORK, done.stderr
    assert "not known whether the change was made" in done.stderr
    assert look in done.stderr


@pytest.mark.parametrize(
    ("operation", "command"),
    [
        ("siteSearch", "site list"),
        ("siteAdd", "site add --name New --time-zone Europe/Berlin"),
        ("isapiGetAreas", f"panel areas {PANEL}"),
        ("isapiDisarm", f"panel disarm {PANEL} 1 --yes"),
    ],
)
def test_http_401_renews_the_token_once_and_sends_the_call_again(
    hpcli: Runner, proxy: Proxy, operation: str, command: str
) -> None:
    refusal = replace(status=401, body=b"", is_done=False)
    proxy.spoil(refusal, operation=operation, calls={1})
    done = hpcli(*command.split(), environment=proxy.platform.environment)
    assert done.exit_code == ExitCode.DONE, done.stderr
    assert len(proxy.sent("tokenGet")) == 2
    assert (
        proxy.sent(operation)[0].headers["Authorization"] != proxy.sent(operation)[1].headers["Authorization"]
    )
    proxy.forget()
    proxy.spoil(refusal, operation=operation)
    done = hpcli(*command.split(), environment=proxy.platform.environment)
    assert done.exit_code == ExitCode.SIGN_IN, done.stderr
    assert len(proxy.sent(operation)) == 2
    assert proxy.done(operation) == []


@pytest.mark.parametrize(
    ("operation", "command", "code"),
    [
        ("arcserviceAccountNumberUpdate", f"arc set-account {PANEL} 1234 --yes", ExitCode.DONE),
        ("arcserviceDeviceEnable", f"arc enable {PANEL} --arc-id 1 --yes", ExitCode.NETWORK),
        ("siteSearch", "site list", ExitCode.NETWORK),
    ],
)
def test_an_empty_answer_is_a_success_of_the_one_call_that_is_documented_so(
    hpcli: Runner, proxy: Proxy, operation: str, command: str, code: ExitCode
) -> None:
    proxy.spoil(replace(body=b""), operation=operation)
    done = hpcli(*command.split(), "--timeout", "3s", environment=proxy.platform.environment)
    assert done.exit_code == code, done.stderr
