"""Who imports whom in hpcli, the modules included that are named by strings."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from hpcli.alarms.forward import loader as outputs
from hpcli.commands.framework.family import Family
from hpcli.commands.registry import FAMILIES
from hpcli.sandbox.http import loader

if TYPE_CHECKING:
    import grimp


@cache
def import_graph() -> grimp.ImportGraph:
    """The graph that import-linter checks, imports inside functions and under TYPE_CHECKING counted."""
    import grimp

    graph = grimp.build_graph("hpcli", cache_dir=None)
    for importer, imported in named_modules():
        graph.add_import(importer=importer, imported=imported)
    for module in graph.find_descendants("hpcli.api.operations"):  # `all_operations` looks into the folder
        graph.add_import(importer="hpcli.api.operations", imported=module)
    return graph


def named_modules() -> Iterator[tuple[str, str]]:
    """Each place that names a module by a string, with that module."""
    for entry in FAMILIES.values():
        yield "hpcli.commands.registry", entry.module
        for place, _ in family_places(entry.module):
            module = place.partition(":")[0]
            if module != entry.module:  # a verb that stands alone is in the module of its family
                yield entry.module, module
    for folder in (loader, outputs):
        for name in folder.module_names():
            yield folder.__name__, name


def family_places(module: str) -> Iterator[tuple[str, str]]:
    """Each `module:function` of a family, the module's name made whole, with the summary that stands beside it."""
    app = importlib.import_module(module).app
    package = module.rpartition(".")[0]
    if isinstance(app, Family):
        yield from _places(app, package)
    else:
        yield (
            f"{package}.{app.place}",
            next(entry.summary for entry in FAMILIES.values() if entry.module == module),
        )


def _places(family: Family, package: str) -> Iterator[tuple[str, str]]:
    for member in family.members.values():
        if isinstance(member, Family):
            yield from _places(member, package)
        else:
            yield f"{package}.{member[0]}", member[1]
