"""A client of a stand-in whose end users and companies answer at once."""

from __future__ import annotations

import pytest

from hpcli.client import Client
from tests.support.platform_server import Platform


@pytest.fixture
def client(platform: Platform) -> Client:
    platform.configure(answer_seconds=0)
    return platform.client()
