"""Secrets that a server repeats in an error: hidden in text, in JSON and in the trace, however they are written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from hpcli import masking
from hpcli.errors import DeviceError
from hpcli.masking import (
    forget_secrets,
    mask_echoes,
    mask_known,
    masked_name,
    remember_secrets,
    without_masked,
)
from tests.commands.device.answers import NEW_CHANNEL
from tests.support.platform_server import lift_call_limit
from tests.support.proxy import Answer, Exchange, Proxy, start_proxy
from tests.support.runner import Run, Runner

PANEL, RECORDER = "Q10254783", "Q10254801"
PASSWORD = 'Pa"ss<&>ü-7'
ENVELOPES = {
    "message": '{"errorCode": "LAP000001", "message": %s}',
    "code": '{"errorCode": %s}',
    "nested": '{"errorCode": "0", "data": {"list": [{"deep": {"failReason": %s}}]}}',
    "reason of a failed device": '{"errorCode": "0", "data": {"addFailedList": [{"deviceSerial": "K77120045", '
    '"failReason": %s}], "addSuccessList": []}}',
    "a device's words": '{"statusCode": 4, "subStatusCode": "invalidOperation", "errorMsg": %s}',
    "a device's code": '{"statusCode": 4, "subStatusCode": %s}',
    "a property": '{"errorCode": "0", "data": [{"deviceSerial": "Q10254783", "errorCode": "7", "message": %s}]}',
    "other JSON": '{"echo": %s}',
    "text": "Bad request: %s",
}
BATCH = json.dumps(
    [
        {
            "deviceSerial": PANEL,
            "propReqs": [
                {"resourceCategory": "global", "localIndex": "0", "domainId": "UserMgr", "propId": "User",
                 "value": {"list": [{"password": PASSWORD}]}}
            ],
        }
    ]
)  # fmt: skip
LINES = {
    f"panel disarm {PANEL} 1 --as admin --as-password-stdin": PASSWORD,
    f"device isapi GET /ISAPI/System/deviceInfo {PANEL} --as admin --as-password-stdin": PASSWORD,
    f"device ip-channels add {RECORDER} --data -": NEW_CHANNEL,
    "device otap batch-set --data -": BATCH,
    "device add --from - --site 'Bäckerei Grünwald'": f"serial,code\nK77120045,{'ABCDEF'}\n",
}


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with start_proxy(tmp_path_factory.mktemp("echo") / "p.db") as started:
        yield started


@pytest.fixture
def run(hpcli: Runner, proxy: Proxy, tmp_path: Path) -> Run:
    proxy.forget()
    return partial(hpcli, environment=proxy.platform.environment | lift_call_limit(tmp_path / "config"))


@pytest.mark.parametrize("form", ENVELOPES)
@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(line.split()[:3]))
def test_no_secret_comes_back_in_an_error(run: Run, proxy: Proxy, line: str, form: str) -> None:
    import shlex

    tokens: list[str] = []

    def echo(exchange: Exchange) -> None:
        arrival = exchange.arrival
        tokens.append(arrival.headers["Authorization"].removeprefix("Bearer "))
        sent = f"{arrival.headers} {arrival.body.decode()} {PASSWORD}"
        told = sent if form == "text" else json.dumps(sent)
        exchange.send_whole(Answer(200, body=(ENVELOPES[form] % told).encode()))

    operations = ("isapiDisarm", "isapiAddIpChannel", "otapMultiPropPutByShadow", "deviceAdd")
    for operation in operations:
        proxy.spoil(echo, operation=operation)
    proxy.spoil(echo, path="/ISAPI/System/deviceInfo")
    for output in ("plain", "json"):
        result = run(*shlex.split(line), "--yes", "-o", output, "-vv", stdin=LINES[line])
        if "isapi GET" not in line:
            assert result.exit_code != 0, result
        text = (
            result.stderr if "isapi GET" in line and result.exit_code == 0 else result.stdout + result.stderr
        )
        secrets = {PASSWORD if "password" in line or "otap" in line else "", *tokens, "Camera-pass1"}
        if "device add" in line:
            secrets.add("ABCDEF")
        for secret in secrets - {""}:
            assert secret not in text, (secret, result)
            assert json.dumps(secret)[1:-1] not in text, (secret, result)
        assert "hpcli itself" not in result.stderr


def test_an_echo_is_found_in_every_way_of_writing() -> None:
    remember_secrets({"a": [{"password": PASSWORD}]}, "<a><x:pin>12&amp;34</x:pin></a>", {"pin": 98765})
    for text in (
        PASSWORD,
        json.dumps(PASSWORD)[1:-1],
        "Pa&quot;ss&lt;&amp;&gt;ü-7",
        "12&34",
        "12&amp;34",
        "98765",
    ):
        assert mask_known(f"no {text}!") == "no ***!", text
        assert text not in str(DeviceError(f"no {text}!", code=text, platform_message=text, hint=text))
    assert mask_echoes({"a": [{"b": PASSWORD}]}) == {"a": [{"b": "***"}]}
    forget_secrets()
    assert mask_known(PASSWORD) == PASSWORD


def test_no_depth_is_too_deep_for_the_masks() -> None:
    deep: object = {"password": "hunter2hunter2"}
    for _ in range(5000):
        deep = [{"a": deep}]
    assert masked_name(deep) is None
    without_masked(deep)
    remember_secrets(deep)
    assert mask_known("hunter2hunter2") == "***"
    assert masking.mask_values("hunter2hunter2", [deep]) == "***"
    mask_echoes(deep)
