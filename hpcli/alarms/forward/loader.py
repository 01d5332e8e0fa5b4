"""The kinds of outputs: every module of `outputs` declares one."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from functools import cache
from typing import Final

from hpcli.alarms.forward.kind import Address, OutputKind
from hpcli.errors import LocalError, UsageError

_FOLDER: Final = "hpcli.alarms.forward.outputs"


def module_names() -> list[str]:
    """Return the modules of the outputs, in sorted order."""
    folder = importlib.import_module(_FOLDER)
    return sorted(
        found.name for found in pkgutil.iter_modules(folder.__path__, f"{_FOLDER}.") if not found.ispkg
    )


@cache
def kinds() -> dict[str, OutputKind]:
    """Return the kinds by scheme."""
    found: dict[str, OutputKind] = {}
    for name in module_names():
        kind: OutputKind = importlib.import_module(name).OUTPUT
        found |= dict.fromkeys(kind.schemes, kind)
    return found


def find_kind(address: Address) -> OutputKind:
    """Return the kind of output that an address means.

    Raises:
        UsageError: there is none.
    """
    known = kinds()
    if address.scheme not in known:
        from hpcli.reference.choices import did_you_mean, nearest

        raise UsageError(
            f"There is no output for '{address.scheme}:'.",
            hint=f"{did_you_mean(nearest(address.scheme, known))}Schemes: {', '.join(known)}.",
        )
    return known[address.scheme]


def check_library(kind: OutputKind) -> None:
    """Refuse a kind whose library is not installed.

    Raises:
        LocalError: it is not.
    """
    if kind.library is not None and importlib.util.find_spec(kind.library) is None:
        raise LocalError(
            f"{kind.schemes[0]} needs the library {kind.library}, which is not installed.",
            hint=f"In the checkout of hpcli run `pip install '.[{kind.extra}]'`: it is the extra {kind.extra} of"
            " hikpartner-cli.",
        )
