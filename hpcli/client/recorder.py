"""Who wants to know which changes a client sends."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hpcli.client.request import Request


class ChangeRecorder(Protocol):
    """Notes each change before it is sent, and what became of it."""

    def name(self, target: str, name: str) -> None:
        """Note the name by which people know what a call has by its id."""

    def recording(self, request: Request) -> AbstractContextManager[None]:
        """Return the context in which a change is sent; the error that ends it says what became of the change."""
