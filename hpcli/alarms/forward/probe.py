"""What keeps an output from working on this computer, as far as that shows without a connection."""

from __future__ import annotations

from collections.abc import Mapping

from hpcli.alarms.forward.config import OutputConfig
from hpcli.alarms.forward.setup import make_setup
from hpcli.errors import LocalError


def probe_output(config: OutputConfig, environment: Mapping[str, str]) -> None:
    """Look at programs, folders, certificates and the like that an output needs.

    Args:
        config: of the output.
        environment: of this process, for the commands that are run.

    Raises:
        UsageError: a file does not hold what it should, or the kind refuses the configuration.
        LocalError: something is missing, or cannot be used by this user.
    """
    setup = make_setup(config, environment=environment)
    for path in config.files:
        try:
            with path.open("rb"):
                pass
        except OSError as error:
            raise LocalError(f"{path} cannot be read: {error.strerror}.") from error
    config.kind.probe(setup)
