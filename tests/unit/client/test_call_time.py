"""How long a call may take: 60 s, 30 s where it goes through to a device, or what was asked for all of them."""

from __future__ import annotations

from typing import Any

import pytest

from hpcli.client.no_answer import NoAnswer
from hpcli.client.wire import Wire
from hpcli.errors import TimeLimitError
from tests.support.platform_server import Platform
from tests.support.runner import Runner

CALLS = {
    "site list": "platform",
    "device channels Q10254783": "platform",
    "panel areas Q10254783": "device",
    "panel disarm Q10254783 1 --yes": "device",
    "device isapi GET /ISAPI/System/deviceInfo Q10254783": "device",
    "device otap get-direct Q10254783 InfoMgr DeviceDescription": "device",
}


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that each request gets that is not the sign-in; none is answered."""
    given: list[float] = []
    send = Wire.send

    def lose(self: Wire, request: Any, host: str, token: str | None, left: float, *more: Any) -> Any:
        if request.path.endswith("token/get"):
            return send(self, request, host, token, left, *more)
        given.append(left)
        raise NoAnswer(TimeLimitError("The platform did not answer in time."), is_final=True)

    monkeypatch.setattr(Wire, "send", lose)
    return given


@pytest.mark.parametrize("line", CALLS)
@pytest.mark.parametrize(
    ("option", "of_platform", "of_device"), [((), 60, 30), (("--timeout", "45"), 45, 45)]
)
def test_a_device_gets_thirty_seconds_unless_something_was_asked(
    hpcli: Runner,
    platform: Platform,
    seconds: list[float],
    line: str,
    option: tuple[str, ...],
    of_platform: float,
    of_device: float,
) -> None:
    result = hpcli(*line.split(), *option, environment=platform.environment)
    assert result.exit_code == 7, result
    limit = of_device if CALLS[line] == "device" else of_platform
    assert limit - 10 < seconds[0] <= limit


def test_the_client_gives_the_same(platform: Platform, seconds: list[float]) -> None:
    from hpcli.client import Client

    for timeout, limit in ((None, 30), (50.0, 50)):
        client = Client(platform.app_key, platform.secret_key, platform.base_url, timeout=timeout)
        with client, pytest.raises(TimeLimitError):
            client.panel.areas("Q10254783")
        assert limit - 10 < seconds[-1] <= limit
