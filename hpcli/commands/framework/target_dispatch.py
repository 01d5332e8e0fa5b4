"""Run a verb once, or for each of its targets."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hpcli.commands.framework.targets import is_one, selectors_in, targets_of

if TYPE_CHECKING:
    from hpcli.run.context import Context


def for_each_target(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function of a verb, run for each target where several are named or selected."""
    targets = targets_of(function)
    if targets is None or targets.is_own:
        return function

    @functools.wraps(function)
    def run(ctx: Context, **values: Any) -> Any:
        given = values[targets.parameter]
        words = [given] if isinstance(given, str) else list(given or ())
        chosen = selectors_in(ctx)
        if not chosen and is_one(words) and not (targets.kind == "site" and "," in words[0]):
            return function(ctx, **{**values, targets.parameter: words[0]})
        from hpcli.commands.framework.target_runs import run_for_targets

        return run_for_targets(ctx, function, targets, words, chosen, values)

    return run
