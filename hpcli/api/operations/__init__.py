"""Every call of the platform as a constant: a module for each file in docs/openapi, and made from it."""

from __future__ import annotations

from functools import cache

from hpcli.api.operation import Operation


@cache
def all_operations() -> dict[str, Operation]:
    """Return every operation by its name, such as `device.upgrade.START`, module by module in sorted order."""
    import importlib
    import pkgutil

    front = f"{__name__}."
    modules = sorted(module.name for module in pkgutil.walk_packages(__path__, front) if not module.ispkg)
    return {
        f"{module.removeprefix(front)}.{name}": value
        for module in modules
        for name, value in vars(importlib.import_module(module)).items()
        if isinstance(value, Operation)
    }
