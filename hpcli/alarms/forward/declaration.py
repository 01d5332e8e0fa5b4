"""What forward.toml declares for a profile: outputs that can be used, those that cannot, and rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hpcli.alarms.forward.config import ForwardFile, OutputConfig, read_output
from hpcli.alarms.forward.rule_config import Rule, read_rules
from hpcli.alarms.forward.start import start_after
from hpcli.alarms.journal.deliveries import read_unsent
from hpcli.errors import HpcliError

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.journal.deliveries import Forwarded


@dataclass(frozen=True)
class Declaration:
    """The content of forward.toml, as far as it concerns a profile.

    Attributes:
        outputs: those that can be used, by name.
        faults: why others cannot be used, by name.
        rules: what makes events.
    """

    outputs: Mapping[str, OutputConfig] = field(default_factory=dict)
    faults: Mapping[str, HpcliError] = field(default_factory=dict)
    rules: Sequence[Rule] = ()


def read_declaration(file: ForwardFile, profile: str | None) -> Declaration:
    """Return what a file declares for a profile.

    Raises:
        UsageError: the file cannot be used at all, or a rule is wrong.
        LocalError: it cannot be read, or others can write it.
    """
    content = file.read()
    outputs: dict[str, OutputConfig] = {}
    faults: dict[str, HpcliError] = {}
    for name, table in content.get("output", {}).items():
        try:
            config = read_output(name, table)
        except HpcliError as error:
            faults[name] = error
            continue
        if config.is_for(profile):
            outputs[name] = config
    return Declaration(outputs, faults, read_rules(content))


def find_unsent(db: sqlite3.Connection, config: OutputConfig) -> Forwarded:
    """Return what waits for an output that has not run yet.

    Raises:
        UsageError: the journal has no event of the id after which it is to start.
    """
    return read_unsent(db, config.name, start_after(db, config.origin), config.routing)
