"""Show how far the work on many targets is: said beforehand, a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Final, TypeVar

from hpcli.plurals import quantity
from hpcli.run.context import Context
from hpcli.run.parallel import Reply

Item = TypeVar("Item")
Result = TypeVar("Result")
_LONG: Final = 10
"""Seconds; work that takes longer is said beforehand, and tells how far it is this often."""


def announce(
    ctx: Context, count: int, noun: str, *, calls: int | None = None, longer_than: float = _LONG
) -> None:
    """Say how long the calls for some targets take, where that is long.

    Args:
        ctx: the command's context.
        count: of the targets.
        noun: what a target is, such as `site`.
        calls: that they take; by default one each.
        longer_than: seconds from which on it is said.
    """
    seconds = (count if calls is None else calls) / ctx.settings.get("call-rate")
    if seconds > longer_than:
        ctx.info(f"{quantity(count, noun)}: about {seconds:.0f} s or more, by the call limit.")


def watched(
    ctx: Context,
    replies: Iterable[Reply[Item, Result]],
    noun: str,
    total: Callable[[], int | None],
    *,
    is_failed: Callable[[Reply[Item, Result]], bool] = lambda reply: reply.error is not None,
    fills_terminal: bool = False,
) -> Generator[Reply[Item, Result], None, None]:
    """Yield the replies and show how far the work is.

    Args:
        ctx: the command's context.
        replies: of the targets, in order.
        noun: what a target is, such as `site`.
        total: returns how many targets there are, None while that is unknown.
        is_failed: whether a reply is a failure.
        fills_terminal: rows are printed on the terminal meanwhile, which a bar would disturb.
    """
    from hpcli.output.progress import progress

    run = ctx.run
    is_terminal = run.stderr.isatty()
    is_shown = is_terminal and not run.messages.is_json and not ctx.settings.get("quiet")
    label = noun.capitalize() + "s"
    with (
        progress(
            run.stderr, label, total(), is_shown=is_shown and not fills_terminal, clock=run.clock
        ) as bar,
        run.messages.above(bar.info),
    ):
        failed, last = 0, run.clock()
        for number, reply in enumerate(replies, 1):
            failed += is_failed(reply)
            bar.advance(total=total())
            if not is_terminal and run.clock() - last >= _LONG:
                last = run.clock()
                of = "" if total() is None else f" of {total()}"
                ctx.info(f"{number}{of} done, {failed} failed.")
            yield reply
