"""A client of the stand-in platform that knows nothing but HTTP, for the stand-in's own tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from hpcli.sandbox import DEFAULT_DEVICE, control
from hpcli.sandbox.server import Sandbox
from hpcli.sandbox.state import seed
from tests.support.platform_server import make_state, start_audited
from tests.support.waiting import wait_for

API = "/api/hpcgw/"
RECORDER = "Q10254801"
OFFLINE_DEVICE = "F55120761"


class Reader:
    """A session of the demo account on a stand-in."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.state = sandbox.state
        self.session = requests.Session()
        self.session.trust_env = False
        self.sign_in()

    def sign_in(self) -> None:
        answer = self.call("v1/token/get", appKey=self.sandbox.app_key, secretKey=self.sandbox.secret_key)
        self.session.headers["Authorization"] = f"Bearer {answer['data']['accessToken']}"

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.session.post(f"{self.sandbox.base_url}{API}{path}", timeout=20, **options)

    def call(self, path: str, **body: Any) -> dict[str, Any]:
        return dict(self.post(path, json=body).json())

    def data(self, path: str, **body: Any) -> Any:
        answer = self.call(path, **body)
        assert answer["errorCode"] == "0", answer
        return answer.get("data")

    def device(
        self, method: str, uri: str, serial: str = DEFAULT_DEVICE, body: str = ""
    ) -> requests.Response:
        return self.session.request(
            method,
            f"{self.sandbox.base_url}{API}v1/device/transparent{uri}",
            data=body.encode(),
            headers={
                "X-Devserial": serial,
                "Content-Type": "application/xml" if body.startswith("<") else "application/json",
            },
            timeout=20,
        )

    def get(self, url: str) -> requests.Response:
        """Fetch a URL as a stranger, without the token."""
        with requests.Session() as stranger:
            stranger.trust_env = False
            return stranger.get(url, timeout=20)

    def is_reading(self) -> bool:
        """Return whether a reader holds the reader's mark."""
        with seed.open_state(self.state) as store:
            return store.db.execute("SELECT 1 FROM reader").fetchone() is not None

    def await_reading(self) -> None:
        """Wait until a reader holds the reader's mark."""
        wait_for(self.is_reading, every=0.01)


def new_state(folder: Path) -> Path:
    """Make a state file whose polls are short."""
    path = make_state(folder / "state" / "sandbox.db")
    control.configure(path, poll_seconds=0.2)
    return path


@contextmanager
def serving(state: Path) -> Iterator[Reader]:
    """Serve a state file and sign in."""
    with start_audited(state) as sandbox:
        reader = Reader(sandbox)
        try:
            yield reader
        finally:
            reader.session.close()


def payload(message: dict[str, Any]) -> dict[str, Any]:
    """Return the alarm data of a JSON message, however it is wrapped."""
    data = message["alarmData"]
    while isinstance(data, str):
        data = json.loads(data)
    return dict(data)
