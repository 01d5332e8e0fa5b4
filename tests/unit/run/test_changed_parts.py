"""Which part of a device a call in the log changes."""

from __future__ import annotations

from typing import Any

import pytest

from hpcli.api.operations.device.output import SET_OUTPUT
from hpcli.api.operations.panel import ARM, BYPASS, SWITCH_RELAYS
from hpcli.api.operations.ptz import GO_TO_PRESET
from hpcli.run.changed_parts import parts_of


@pytest.mark.parametrize(
    ("template", "values", "body", "words"),
    [
        (ARM.path, ("2",), {}, "area 2"),
        (ARM.path, ("4294967295",), {}, "all areas"),
        (ARM.path, (), {}, None),  # forgotten: the log has the template alone
        (BYPASS.path, (), {"List": [{"id": 2}, {"id": 5}]}, "zones 3, 6"),
        (BYPASS.path, (), {"List": []}, None),
        (BYPASS.path, (), None, None),
        (BYPASS.path, (), {"List": "***"}, None),
        (SWITCH_RELAYS.path, (), {"OutputsCtrl": {"switch": "open", "List": [{"id": 0}]}}, "relay 1"),
        (GO_TO_PRESET.path, ("1", "3"), None, "channel 1, preset 3"),
        (SET_OUTPUT.path, ("4",), {}, "output 4"),
        ("/api/hpcgw/v1/site/update", (), {"siteId": "1"}, None),
    ],
)
def test_the_part_is_named_as_people_count_it(
    template: str, values: tuple[str, ...], body: Any, words: str | None
) -> None:
    path = template
    for value in values:
        path = path[: path.index("{")] + value + path[path.index("}") + 1 :]
    parts = parts_of(template, path, body)
    assert (parts.words if parts else None) == words
