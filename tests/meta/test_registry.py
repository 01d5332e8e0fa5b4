"""The registry and the groups against the modules that they name, and the families against the API's."""

from __future__ import annotations

import importlib
import inspect

from docs.generate.declarations import files as declared_files
from hpcli.commands.framework.family import find_function
from hpcli.commands.registry import FAMILIES
from tests.support.imports import family_places, import_graph
from tests.support.tree import ROOT


def test_a_family_stands_where_its_name_says() -> None:
    for family, entry in FAMILIES.items():
        assert entry.module.split(".")[:3] == ["hpcli", "commands", family]
        assert hasattr(importlib.import_module(entry.module).app, "build")


def test_a_family_has_the_same_name_on_every_floor() -> None:
    families = {name for name, entry in FAMILIES.items() if entry.kind == "family"}
    assert {module.partition(".")[0] for module in declared_files()} == families
    floors = {
        "the client": ("hpcli/client/{}.py", "hpcli/client/{}/*.py"),
        "the sandbox": ("hpcli/sandbox/{}.py", "hpcli/sandbox/isapi/{}.py"),
        "the tests": ("tests/commands/test_{}.py", "tests/commands/{}/test_*.py"),
    }
    missing = {
        f"{family} in {floor}"
        for family in families
        for floor, patterns in floors.items()
        if not any(list(ROOT.glob(pattern.format(family))) for pattern in patterns)
    }
    assert missing == {"auth in the client"}  # the transport signs in


def test_a_summary_is_the_first_line_of_the_docstring() -> None:
    places = [place for entry in FAMILIES.values() for place in family_places(entry.module)]
    assert len(places) > 100
    different = {}
    for place, summary in places:
        package, _, rest = place.partition(":")[0].rpartition(".")
        function = find_function(package, f"{rest}:{place.partition(':')[2]}")
        line = (inspect.getdoc(function) or "").partition("\n")[0]
        if line != summary:
            different[place] = (summary, line)
    assert different == {}


def test_every_module_of_the_commands_is_reached_from_the_root() -> None:
    graph = import_graph()
    start = "hpcli.commands.framework.root"
    reached = {start, *graph.find_upstream_modules(start)}
    packages = {module.rpartition(".")[0] for module in graph.modules}
    commands = {module for module in graph.modules if module.startswith("hpcli.commands.")}
    assert sorted(commands - packages - reached) == []
