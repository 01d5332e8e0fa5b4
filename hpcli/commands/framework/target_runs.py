"""Run a verb for many targets in parallel, and join what it shows or changes into one answer."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from hpcli.commands.framework.target_choice import choose_targets, is_one_site
from hpcli.commands.framework.target_context import SharedInputs, Target, TargetContext
from hpcli.commands.framework.target_rows import join_views, order_rows
from hpcli.commands.framework.targets import Targets
from hpcli.errors import DryRun, HpcliError, InterruptedByUserError, OutputClosedError
from hpcli.output import Format, View
from hpcli.output.outcome_table import Outcome
from hpcli.plurals import counted
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.run.attempts import Attempt
    from hpcli.run.job import Job
    from hpcli.run.parallel import Reply

_MOST_WITH_YES: Final = 20
"""Above so many selected targets of a change the user types their number."""

_COUNTED: Final = 5
"""Outcomes of more targets end with their count."""


def run_for_targets(
    ctx: Context,
    function: Callable[..., Any],
    targets: Targets,
    words: Sequence[str],
    chosen: Mapping[str, Any],
    values: Mapping[str, Any],
) -> None:
    """Run a verb for the targets that are named or selected.

    Raises:
        UsageError: the targets are not clear, or the user cannot be asked.
        SomeFailedError: some failed; if all failed alike, their own error.
    """
    if targets.kind == "site" and not chosen and is_one_site(ctx, words):
        function(ctx, **{**values, targets.parameter: words[0]})
        return
    wanted = choose_targets(ctx, targets, words, chosen)
    is_change = _is_change(function, targets, values)
    if is_change and targets.question and wanted:
        names = counted([target.label for target in wanted], targets.kind)
        is_typed = bool(chosen) and len(wanted) > _MOST_WITH_YES
        ctx.confirm(_question(targets.question, names, values), str(len(wanted)) if is_typed else None)
    _prepare(ctx, function, targets, wanted)
    job = ctx.run.job
    left = list(job.select(target.name for target in wanted))
    with job.following_parallel(left, is_change=is_change) as followed:
        attempt = _attempting(ctx, function, targets, values, is_change=is_change)
        chosen_ones = [target for target in wanted if target.name in set(left)]
        each = 1 if targets.calls is None else targets.calls(values)
        done = _progress(ctx, targets, chosen_ones, attempt, followed, each)
        if targets.follow is not None:
            done = targets.follow(ctx, done, values)
        if is_change:
            _report(ctx, done, is_empty=not wanted)
        else:
            _show(ctx, done, targets)


def _attempting(
    ctx: Context,
    function: Callable[..., Any],
    targets: Targets,
    values: Mapping[str, Any],
    *,
    is_change: bool,
) -> Callable[[Target], TargetContext]:
    """Return the function that runs the verb for one target."""
    inputs = SharedInputs(ctx.inputs)

    def attempt(target: Target) -> TargetContext:
        own = TargetContext(ctx, target, inputs, is_change=is_change)
        try:
            if target.error is not None:
                raise target.error
            function(own, **{**values, targets.parameter: target.word})
        except DryRun as planned:
            own.obj.plans.append(planned.plan)
        except HpcliError as error:
            own.error = error
        return own

    return attempt


def _is_change(function: Callable[..., Any], targets: Targets, values: Mapping[str, Any]) -> bool:
    if targets.changes_with:
        return any(values.get(name) not in (None, False, (), []) for name in targets.changes_with)
    return any(call.change for call in getattr(function, "hpcli_calls", ()))


def _question(pattern: str, names: str, values: Mapping[str, Any]) -> str:
    shown = {
        name: ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
        for name, value in values.items()
    }
    return pattern.format_map({**shown, "targets": names})


def _prepare(ctx: Context, function: Callable[..., Any], targets: Targets, wanted: Sequence[Target]) -> None:
    """Do once, before the threads begin, what all targets need: the client, rows, the device user's password."""
    usable = [target.word for target in wanted if target.error is None]
    if not usable:
        return
    _ = ctx.client, ctx.run.changes  # shared by the runs of all targets
    calls = getattr(function, "hpcli_calls", ())
    if any(call.is_for_device for call in calls):
        from hpcli.commands.framework.device_user import keep_users

        keep_users(ctx, usable)
    if targets.needs_rows and targets.kind == "device":
        ctx.lookups.find_devices(usable)
    elif targets.needs_rows:
        ctx.lookups.find_sites([word for word in usable if not ctx.lookups.knows_site(word)])


def _progress(
    ctx: Context,
    targets: Targets,
    wanted: Sequence[Target],
    attempt: Callable[[Target], TargetContext],
    job: Job | None,
    each: int,
) -> Generator[TargetContext, None, None]:
    """Yield the targets in order when they are done, with their notices; show how far the work is.

    Args:
        ctx: the command's context.
        targets: how the verb takes them.
        wanted: those to work on.
        attempt: works on one.
        job: notes what is done and left.
        each: calls that a target takes.
    """
    from hpcli.commands.framework.long_work import announce, watched
    from hpcli.run.parallel import fan_out

    announce(ctx, len(wanted), targets.kind, calls=each * len(wanted))
    at_once = ctx.settings.get("concurrency")
    replies = fan_out(wanted, attempt, at_once=at_once, job=job, named=lambda target: target.name)
    for reply in watched(ctx, replies, targets.kind, lambda: len(wanted), is_failed=_is_failed):
        assert reply.result is not None  # its error is kept in it
        own = reply.result
        if isinstance(own.error, InterruptedByUserError | OutputClosedError):
            raise own.error
        for is_quiet, line in own.lines:
            (ctx.info if is_quiet else ctx.warn)(line)
        ctx.run.plans.extend(own.obj.plans)
        yield own


def _is_failed(reply: Reply[Target, TargetContext]) -> bool:
    return reply.result is not None and reply.result.error is not None


def _report(ctx: Context, done: Iterator[TargetContext], *, is_empty: bool) -> None:
    """Report what was changed, and print the outcomes as an array."""
    if is_empty:
        ctx.info("No targets.")
        ctx.run.printer.results([])
        return
    now = {"line": "", "label": ""}

    def attempts() -> Iterator[Attempt]:
        errors: list[HpcliError | None] = []
        for own in done:
            now["label"] = own.target.label
            for outcome, error, now["line"] in own.made:
                yield outcome, error
            if own.error is not None and not any(error for _, error, _ in own.made):
                shown = own.error.as_dict() | {"target": own.target.name}
                yield Outcome(own.target.name, ok=False, error=shown), own.error
            if own.made or own.error is not None:
                errors.append(own.error or next((error for _, error, _ in own.made if error), None))
        if len(errors) > _COUNTED:
            failed = sum(error is not None for error in errors)
            ctx.info(f"{len(errors) - failed} done{f', {failed} failed' if failed else ''}.")

    def named(outcome: Outcome) -> str:
        return now["label"] if outcome.part is None else now["line"]

    ctx.report(attempts(), lambda _target, _data: now["line"], named=named)


def _show(ctx: Context, done: Generator[TargetContext, None, None], targets: Targets) -> None:
    """Print the rows of all targets; those that failed are rows in json and ndjson only."""
    from hpcli.run.attempts import raise_failures

    errors: list[HpcliError | None] = []
    is_json = ctx.run.options.format in (Format.JSON, Format.NDJSON)
    held: list[TargetContext] = []
    for own in done:
        held.append(own)
        if own.view is not None:
            break
    labels: dict[str, str] = {}
    views: dict[str, View] = {}
    view = join_views(held[-1].view if held else None, views, labels, targets.kind)

    def rows() -> Iterator[Mapping[str, Any]]:
        for own in chain(held, done):
            labels[own.target.name] = own.target.label
            if own.view is not None:
                views[own.target.name] = own.view
            yield from own.rows
            errors.append(own.error)
            if own.error is not None:
                ctx.run.messages.failed(own.target.label, own.target.name, own.error)
                if is_json:
                    error = own.error.as_dict() | {"target": own.target.name}
                    yield {"target": own.target.name, "ok": False, "error": error}

    limit = held[-1].limit if held else None
    ordered, view = order_rows(rows(), view, ctx.obj.selection, limit)
    with ctx.run.paged() as printer:
        count = printer.rows(ordered, view)
    if count == 0 and not any(errors):
        ctx.info(f"No {view.noun}s.")
    raise_failures(errors)
