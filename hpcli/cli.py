"""Run one command line; the only place that turns errors into exit codes."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError, NoSuchOption

from hpcli.commands.framework.root import Root, build_root
from hpcli.errors import (
    DryRun,
    ExitCode,
    HpcliError,
    InterruptedByUserError,
    LocalError,
    OutputClosedError,
    UsageError,
)
from hpcli.masking import forget_secrets
from hpcli.run.context import Run
from hpcli.run.signals import signal_of, signals_as_interrupts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typer._click.core import Context as ClickContext


def main(arguments: Sequence[str] | None = None, run: Run | None = None) -> int:
    """Run one command line; return its exit code.

    Args:
        arguments: by default those of `sys.argv`.
        run: streams and environment; by default those of the process.
    """
    here = run or Run()
    forget_secrets()
    with signals_as_interrupts():
        try:
            root = build_root()
            here.arguments = list(sys.argv[1:] if arguments is None else arguments)
            return run_command(root, here.arguments, here)
        finally:
            with contextlib.suppress(OSError, KeyboardInterrupt):  # the outcome has been reported by now
                here.close()


def run_command(root: Root, arguments: list[str], run: Run) -> int:
    """Run a command line; turn every error into text on stderr and an exit code."""
    try:
        try:
            exit_code = _invoke(root, arguments, run)
        finally:
            _settle_earlier(run)
        run.stdout.flush()
        if run.job.stop.signal is not None:  # parallel work was stopped, and what is done has been printed
            return _report_rest(run, InterruptedByUserError("Interrupted.", signal=run.job.stop.signal))
    except NoArgsIsHelpError as error:
        run.messages.help(error.format_message())
        return ExitCode.USAGE
    except HpcliError as error:
        _note_output(run, arguments)
        return _report_rest(run, error)
    except ClickException as error:
        _note_output(run, arguments)
        return report(run, _usage_error(error))
    except KeyboardInterrupt as interrupt:
        return _report_rest(run, InterruptedByUserError("Interrupted.", signal=signal_of(interrupt)))
    except BrokenPipeError:
        return report(run, OutputClosedError("The output was closed."))
    except OSError as error:
        return report(run, _local_error(error))
    except Exception as error:  # noqa: BLE001 - the boundary: no traceback ever reaches the user
        return report(run, _unexpected(run, error))
    return exit_code


def _settle_earlier(run: Run) -> None:
    """Note that this run did, or leaves itself, what an earlier one of the same command had left."""
    if run.job.targets and run.job.is_change:
        from hpcli.run.rest import settle_earlier

        settle_earlier(run)


def _report_rest(run: Run, error: HpcliError) -> int:
    """Report an error, and what is left of a job; of one that the user stopped that line says it all."""
    stopped_by = run.job.stop.signal
    if stopped_by is not None and not isinstance(error, InterruptedByUserError | OutputClosedError):
        error = InterruptedByUserError("Interrupted.", signal=stopped_by)  # this says more
    if run.job.tally is None or isinstance(error, OutputClosedError):
        return report(run, error)
    from hpcli.run.rest import keep_rest

    if not isinstance(error, InterruptedByUserError) or error.signal is None:
        keep_rest(run)
        return report(run, error)
    run.job.stop.set(error.signal)
    if not keep_rest(run):
        return report(run, error)
    run.ended_by = error.signal
    return error.exit_code


def _invoke(root: Root, arguments: list[str], run: Run) -> int:
    """Run a command line; print the planned calls, also if another call failed."""
    try:
        try:
            with root.make_context("hpcli", arguments, obj=run) as ctx:
                root.invoke(ctx)
        finally:
            for line in run.selection.left_out_words():
                run.messages.info(line)
    except typer.Exit as ended:
        return ended.exit_code
    except DryRun as planned:
        run.plans.append(planned.plan)
    except HpcliError:
        show_plans(run)
        raise
    show_plans(run)
    return ExitCode.DONE


def _note_output(run: Run, arguments: list[str]) -> None:
    """Take -o from a command line that could not be parsed, so that its error has the right format."""
    if "output" in run.settings.flags:
        return
    for word, following in itertools.zip_longest(arguments, arguments[1:], fillvalue=""):
        value = following if word in ("-o", "--output") else word.removeprefix("--output=").removeprefix("-o")
        if word.startswith(("-o", "--output")) and value in ("json", "ndjson"):
            run.settings.flags["output"] = value


def show_plans(run: Run) -> None:
    """Print the calls that `--dry-run` did not send."""
    if not run.plans:
        return
    if run.options.format in ("json", "ndjson"):
        run.printer.value(run.plans)
        return
    for plan in run.plans:
        lines = [f"{plan['method']} {plan['url']}"]
        lines += [f"{name}: {value}" for name, value in plan["headers"].items()]
        if plan["body"] is not None:
            body = plan["body"]
            lines += ["", body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)]
        run.printer.text("\n".join(lines) + "\n\n")


def report(run: Run, error: HpcliError) -> int:
    """Write an error to stderr; return its exit code."""
    if isinstance(error, OutputClosedError):
        from hpcli.output.stdout_writer import abandon

        abandon(run.stdout)
    else:
        run.messages.error(error)
    if isinstance(error, InterruptedByUserError):
        run.ended_by = error.signal
    return error.exit_code


def _usage_error(error: ClickException) -> UsageError:
    ctx = getattr(error, "ctx", None)
    where = ctx.command_path if ctx is not None else "hpcli"
    if isinstance(error, NoSuchOption):
        meant = _meant(error.option_name, ctx)
        return UsageError(
            f"There is no option {error.option_name}.", hint=f"{meant}`{where} --help` lists them."
        )
    message = error.format_message().strip()
    return UsageError(
        message if message.endswith((".", "?")) else message + ".", hint=f"See `{where} --help`."
    )


def _local_error(error: OSError) -> LocalError:
    if error.errno == errno.ENOSPC:
        return LocalError(
            "The output cannot be written: the disk is full.", hint="Free some space and try again."
        )
    return LocalError(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}.")


def _meant(wrong: str, ctx: ClickContext | None) -> str:
    """Suggest the option the user probably meant; never --yes or --quiet, which suppress questions and notices.

    A wrong option may also be the name of an argument: `--site X`.
    """
    from hpcli.reference.choices import did_you_mean, nearest

    if ctx is None:
        return ""
    for parameter in ctx.command.params:
        metavar = str(getattr(parameter, "metavar", None) or "")
        if parameter.param_type_name == "argument" and metavar.rstrip(".") == wrong.lstrip("-").upper():
            return f"It is an argument: `{ctx.command_path} {metavar}`. "
    known = [name.removeprefix("--") for parameter in ctx.command.params for name in parameter.opts]
    safe = [name for name in known if name not in ("yes", "quiet") and not name.startswith("-")]
    return did_you_mean(nearest(wrong.removeprefix("--"), safe, cutoff=0.8), "--{}")


def _unexpected(run: Run, error: Exception) -> HpcliError:
    """Return the error for a bug in hpcli itself; with HPCLI_DEBUG, raise it with its traceback."""
    if run.environment.get("HPCLI_DEBUG"):
        raise error
    found: Any = error.__traceback__
    while found is not None and found.tb_next is not None:
        found = found.tb_next
    place = f"{os.path.basename(found.tb_frame.f_code.co_filename)}:{found.tb_lineno}" if found else "?"  # noqa: PTH119 - a name from a code object
    return HpcliError(
        f"hpcli itself failed: {type(error).__name__} at {place}.",
        hint="Please report this bug. HPCLI_DEBUG=1 shows a traceback, which may contain secrets.",
    )
