"""The certificates of `ca-file`, by which brokers are known."""

from __future__ import annotations

from hpcli.alarms.forward.kind import Setup
from hpcli.errors import LocalError


def probe_authorities(setup: Setup) -> None:
    """Check that `ca-file` has certificates.

    Raises:
        LocalError: it has no certificate.
    """
    path = setup.options.get("ca-file")
    if not isinstance(path, str):
        return
    import ssl

    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        raise LocalError(
            f"{path} has no certificate that can be used.", hint="It needs PEM: -----BEGIN CERTIFICATE-----"
        ) from error
