"""`hpcli log resume`: do the rest of a command that was interrupted or failed in part."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from hpcli.commands.framework.verb import calls
from hpcli.commands.log.show import find_changes
from hpcli.errors import NotFoundError, UsageError
from hpcli.masking import HIDDEN
from hpcli.parse import epoch_milliseconds
from hpcli.plurals import counted, numbered, quantity
from hpcli.run.changed_parts import NOUNS
from hpcli.run.context import Context, Run


@calls(asks=True)
def resume_command(
    ctx: Context,
    number: Annotated[
        int | None,
        typer.Argument(
            help="Number of a change of the command; the last one left without it.", metavar="[ID]"
        ),
    ] = None,
    again: Annotated[
        bool,
        typer.Option("--again", help="Also repeat targets of which it is not known whether they are done."),
    ] = False,
) -> None:
    """Do the rest of an interrupted or partly failed command.

    The command runs again for the targets that are left, even if it read them from stdin,
    and in the folder where it ran, so that its files are found from anywhere. Give secrets
    and anything else that it read from stdin again. It is refused if a file that it read
    has changed since.

    $ hpcli log resume
    """
    rest = _find(ctx, number)
    left, unknown = _targets(rest)
    wanted = [*left, *unknown] if again else left
    ctx.info(f"{rest['line']}")
    ctx.info(f"{rest['done']} done, {len(unknown)} unknown, {len(left)} left: {_named(rest, wanted)}.")
    if not wanted:
        raise UsageError(
            f"Nothing is left but {quantity(len(unknown), 'target')} that may be done.",
            hint="Look at them first; --again repeats them.",
        )
    _check_inputs(rest)
    ctx.confirm(f"Continue with {quantity(len(wanted), 'target')}?")
    if not ctx.settings.get("dry-run"):
        ctx.run.changes.log.end_rest(rest["run"], epoch_milliseconds(ctx.run.now()))
    arguments = _with_targets(ctx, rest, wanted)
    _continue(ctx, arguments, frozenset(wanted), rest["folder"])
    if not ctx.settings.get("dry-run"):
        _remove_files(ctx, rest, arguments, [] if again else unknown)


def _remove_files(ctx: Context, rest: Mapping[str, Any], arguments: list[str], unknown: list[str]) -> None:
    """Remove the files of targets that are done now, but for those of which that is unknown."""
    from hpcli.local.rest_file import remove_rest, write_rest

    file = Path(rest["file"])
    for argument in set(arguments) - {*rest["arguments"]}:
        remove_rest(Path(argument.removeprefix("@")))  # made for this run
    if unknown:
        write_rest(ctx.settings.state_dir, file.stem, [], unknown)
    else:
        remove_rest(file)


def _find(ctx: Context, number: int | None) -> dict[str, Any]:
    """Return what is left of a command.

    Raises:
        NotFoundError: nothing is.
        UsageError: it was resumed already, belongs to another account, or cannot be repeated as it was.
    """
    run = None if number is None else find_changes(ctx, [number])[0]["run"]
    rest = ctx.run.changes.log.rest(run, is_sandbox=ctx.settings.is_sandbox)
    if rest is None:
        raise NotFoundError("Nothing is left to resume.", hint="`hpcli log list` shows what was sent.")
    if rest["resumed"] is not None:
        raise UsageError(
            "This command was resumed already.",
            hint=f"Its targets are still in {rest['file']}, for @FILE."
            if Path(rest["file"]).exists()
            else "Nothing of it is left.",
        )
    if rest["account"] != ctx.run.session.account_id:
        profile = f" (profile '{rest['profile']}')" if rest["profile"] else ""
        raise UsageError(
            f"The command ran in another account{profile}.", hint="Choose its profile with --profile."
        )
    if any(HIDDEN in argument for argument in rest["arguments"]):
        raise UsageError(
            "The command line has values that the log does not keep.",
            hint=_again(rest),
        )
    return rest


def _named(rest: Mapping[str, Any], wanted: list[str]) -> str:
    """Return the targets in words; those that are numbers with what they number."""
    noun = NOUNS.get(rest["verb"])
    if noun is None or not all(target.isdecimal() for target in wanted):
        return counted(wanted, "target")
    return numbered(wanted, noun) if wanted else counted(wanted, noun)


def _targets(rest: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    from hpcli.local.rest_file import read_rest

    return read_rest(Path(rest["file"]))


def _with_targets(ctx: Context, rest: Mapping[str, Any], wanted: list[str]) -> list[str]:
    """Return the command line, with a file of the targets in place of a `-` that read them from stdin."""
    from hpcli.local.rest_file import write_rest

    arguments: list[str] = rest["arguments"]
    before = ["", *arguments]
    places = [
        place
        for place, argument in enumerate(arguments)
        if argument == "-" and not before[place].startswith("-")  # behind an option it is something else
    ]
    if not places:
        return arguments
    file = write_rest(ctx.settings.state_dir, f"{Path(rest['file']).stem}-again", wanted, [])
    return [f"@{file}" if place in places else argument for place, argument in enumerate(arguments)]


def _check_inputs(rest: Mapping[str, Any]) -> None:
    """Refuse to read other files than before.

    Raises:
        UsageError: a file has changed, or is gone.
    """
    folder = rest["folder"]
    if folder is not None and not Path(folder).is_dir():
        raise UsageError(f"{folder} is gone, the folder where the command ran.", hint=_again(rest))
    for whole, digest in rest["inputs"].values():
        try:
            content = Path(whole).read_bytes()
        except OSError as error:
            raise UsageError(
                f"{whole}, which the command read, cannot be read: {error.strerror}.",
                hint=f"Put it back there, or: {_again(rest)}",
            ) from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise UsageError(f"{whole} has changed since, so nothing was sent.", hint=_again(rest))


def _again(rest: Mapping[str, Any]) -> str:
    """Return how to do the rest without `log resume`."""
    arguments: list[str] = rest["arguments"]
    if any(one.partition("=")[0] == "--from" for one in arguments):
        return "Type the command again: it does only what is missing."
    return f"Type the command again with @{rest['file']} as its targets."


def _continue(ctx: Context, arguments: list[str], only: frozenset[str], folder: str | None) -> None:
    """Run the command line again for some targets, with the options of this one.

    Args:
        ctx: of this command.
        arguments: the command line.
        only: the targets.
        folder: where it ran, so that its paths mean the same; None where that is not known.
    """
    here = ctx.run
    again = Run(
        here.environment,
        here.stdin,
        here.stdout,
        here.stderr,
        now=here.now,
        sleep=here.sleep,
        clock=here.clock,
        leave=here.leave,
    )
    again.plans, again.arguments = here.plans, arguments
    again.settings.flags.update({**here.settings.flags, "yes": True})
    again.job.only = only
    here.job = again.job  # what is left of it is the rest of this run
    here.arguments[:] = arguments
    try:
        with contextlib.chdir(folder or "."):
            root = ctx.find_root().command
            with root.make_context("hpcli", list(arguments), obj=again) as inner:
                inner.command.invoke(inner)
    finally:  # what is left now is left by that command, there
        here.verb = here.changes.verb = again.verb
        here.changes.folder = folder
        here.inputs.files.update(again.inputs.files)
        again.close()
