"""Import every module that answers calls; its functions register themselves while it is imported."""

from __future__ import annotations

import importlib
import pkgutil

_FOLDERS = ("hpcli.sandbox", "hpcli.sandbox.isapi")
"""The packages with the calls of the platform and of devices, with one file for each family."""

_DOORS = ("hpcli.sandbox.control", "hpcli.sandbox.server")
"""Modules for using the stand-in from outside, which answer no call."""


def module_names() -> list[str]:
    """Return the modules that answer calls, in sorted order.

    `pkgutil` asks the importer, so that a package inside a zip file is read too.
    """
    return sorted(
        found.name
        for folder in _FOLDERS
        for found in pkgutil.iter_modules(importlib.import_module(folder).__path__, f"{folder}.")
        if not found.ispkg and found.name not in _DOORS
    )


def load_calls() -> None:
    """Import the modules.

    Raises:
        ValueError: two functions answer the same call; the text names both.
    """
    for name in module_names():
        importlib.import_module(name)
