"""Serve numbers to Prometheus over HTTP, by its own client library."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from hpcli.errors import LocalError
from hpcli.output.prometheus import Gauges, Metric


@contextmanager
def serve_metrics(host: str, port: int, read: Callable[[], Iterable[Metric]]) -> Iterator[int]:
    """Serve metrics while the block runs, and yield the port.

    Args:
        host: address to listen on.
        port: 0 for any that is free.
        read: returns what is known now; called at each scrape, so it must not wait for anything.

    Raises:
        LocalError: the address cannot be listened on.
    """
    from prometheus_client import CollectorRegistry, start_http_server

    registry = CollectorRegistry(auto_describe=False)
    registry.register(cast("Any", Gauges(read)))
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise LocalError(
            f"hpcli cannot listen on port {port} of {host}: {error.strerror}.", hint=_hint(error)
        ) from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _hint(error: OSError) -> str | None:
    if error.errno == errno.EADDRINUSE:
        return "Another program has this port, maybe another `hpcli metrics serve`: use --listen with another one."
    if error.errno == errno.EACCES:
        return "Ports below 1024 need privileges: use a higher one."
    return "Use an address of this computer, such as 127.0.0.1."
