"""The root of the command line: the registry of families, the common options, the one error boundary."""

from __future__ import annotations

import contextlib
import errno
import importlib
import itertools
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError, NoSuchOption
from typer.core import TyperGroup, TyperOption

from hpcli import __version__
from hpcli.commands.framework.family import common_options, no_such_command
from hpcli.errors import (
    DryRun,
    ExitCode,
    HpcliError,
    InterruptedByUserError,
    LocalError,
    OutputClosedError,
    UsageError,
)
from hpcli.run.context import Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typer._click import HelpFormatter
    from typer._click.core import Command
    from typer._click.core import Context as ClickContext

FAMILIES: dict[str, str] = {
    "auth": "Sign in; profiles, tokens and device keys.",
    "installer": "Employees of your company.",
    "site": "Sites of your customers.",
    "customer": "End users whom sites are handed over to.",
    "health": "The state of your customers' cameras, recorders and panels.",
    "device": "Devices: list, add, ask and change them.",
    "panel": "Alarm panels: arm, disarm, zones, relays.",
    "ptz": "Cameras that move: pan, tilt, zoom, presets.",
    "alarms": "Follow alarms, decrypt their pictures.",
    "arc": "Devices that report to an alarm receiving centre.",
    "person": "Persons of access control: add, change, delete, copy.",
    "access": "Who may open which door.",
    "video": "Recordings of cameras and recorders.",
    "hotspare": "Servers that stand in for each other.",
    "package": "Maintenance packages of devices.",
    "explain": "Say what an error or event code means.",
    "timezones": "List the platform's time zones.",
    "api": "Make any call of the platform, signed in.",
    "sandbox": "The bundled stand-in platform.",
    "demo": "Take a two-minute tour on the sandbox.",
    "doctor": "Check config, network, sign-in and alarms; say what to do.",
    "commands": "List every command, as data.",
    "config": "Settings that hold for every command.",
    "completion": "Print what makes Tab complete hpcli in your shell.",
    "help": "Explain a topic: options, exit codes, output, automation.",
}
"""Family or single verb to its summary."""

_SINGLES = ("doctor", "explain", "help")
_FILES = ("installer", "package", "timezones", "video", "api", "demo", "commands", "completion")
"""Families of one file; all others are folders."""

_SUMMARY = "Administer Hik-Partner Pro: sites, devices, alarms, people."
_FIRST_STEPS = """\
No account is set up here yet. First steps:
  $ hpcli demo                        a tour on the bundled stand-in platform
  $ hpcli --profile sandbox site list
  $ hpcli auth login                  use your own API key
"""
_ACCOUNT_NAMES = ("HPCLI_PROFILE", "HPCLI_APP_KEY")
_NEXT_STEPS = """\
`hpcli FAMILY --help` lists verbs, `hpcli help` topics; `hpcli doctor` checks all.
"""


class Root(TyperGroup):
    """The root; a family's module is imported when that family is used."""

    def list_commands(self, _ctx: ClickContext) -> list[str]:
        """Return the families in the order of the registry."""
        return list(FAMILIES)

    def get_command(self, _ctx: ClickContext, cmd_name: str) -> Command | None:
        """Import a family and return its command."""
        if cmd_name not in FAMILIES:
            return None
        inside = cmd_name if cmd_name in _SINGLES else "group"
        place = cmd_name if cmd_name in _FILES else f"{cmd_name}.{inside}"
        module = importlib.import_module(f"hpcli.commands.{place}")
        command: Command = module.app.build()
        return command

    def resolve_command(
        self, ctx: ClickContext, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """Find the family; name the nearest where there is none."""
        if args[0] not in FAMILIES and not args[0].startswith("-"):
            raise no_such_command(args[0], FAMILIES, "hpcli")
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: ClickContext, formatter: HelpFormatter) -> None:
        """List the families without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(FAMILIES.items()))

    def format_epilog(self, ctx: ClickContext, formatter: HelpFormatter) -> None:
        """End with the first steps where nobody has set up an account, else with the next ones."""
        formatter.write("\n" + (_NEXT_STEPS if _has_account(ctx.obj) else _FIRST_STEPS))


def _has_account(run: Run) -> bool:
    """Whether an account is set up; looks into config.toml without parsing it, as help is to be quick."""
    if run.settings.flags.get("profile") or any(run.environment.get(name) for name in _ACCOUNT_NAMES):
        return True
    try:
        text = (run.settings.config_dir / "config.toml").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    return "[profiles." in text or "default-profile" in text


def build_root() -> Root:
    """Return the root command."""

    def show_version(ctx: ClickContext, _parameter: object, value: bool) -> None:  # noqa: FBT001 - Click calls it
        if value and not ctx.resilient_parsing:
            ctx.obj.stdout.write(f"hpcli {__version__}\n")
            raise typer.Exit

    version = TyperOption(
        param_decls=["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show_version,
        help="Show the version and exit.",
    )
    return Root(
        name="hpcli",
        help=_SUMMARY,
        params=[*common_options(hidden=False), version],
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )


def main(arguments: Sequence[str] | None = None, run: Run | None = None) -> int:
    """Run one command line; return its exit code.

    Args:
        arguments: what follows the program's name; `sys.argv` without it.
        run: streams and environment; the process's own without it.
    """
    here = run or Run()
    root = build_root()
    try:
        return run_command(root, list(sys.argv[1:] if arguments is None else arguments), here)
    finally:
        with contextlib.suppress(OSError, KeyboardInterrupt):  # what was done is told by now
            here.close()


def run_command(root: Root, arguments: list[str], run: Run) -> int:
    """Run a command line; turn every error into text on stderr and an exit code."""
    try:
        exit_code = _invoke(root, arguments, run)
        run.stdout.flush()
    except NoArgsIsHelpError as error:
        run.tell(error.format_message(), keep="\n")
        return ExitCode.USAGE
    except HpcliError as error:
        _note_output(run, arguments)
        return report(run, error)
    except ClickException as error:
        _note_output(run, arguments)
        return report(run, _usage_error(error))
    except KeyboardInterrupt:
        return report(run, InterruptedByUserError("Interrupted."))
    except BrokenPipeError:
        return report(run, OutputClosedError("The output was closed."))
    except OSError as error:
        return report(run, _local_error(error))
    except Exception as error:  # noqa: BLE001 - the boundary: no traceback ever reaches a user
        return report(run, _unexpected(run, error))
    return exit_code


def _invoke(root: Root, arguments: list[str], run: Run) -> int:
    """Run a command line; show what it only planned, also where something else failed."""
    try:
        with root.make_context("hpcli", arguments, obj=run) as ctx:
            root.invoke(ctx)
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
    """Take -o from a command line that could not be read to its end, so that its error has that form too."""
    if "output" in run.settings.flags:
        return
    for word, following in itertools.zip_longest(arguments, arguments[1:], fillvalue=""):
        value = following if word in ("-o", "--output") else word.removeprefix("--output=").removeprefix("-o")
        if word.startswith(("-o", "--output")) and value in ("json", "ndjson"):
            run.settings.flags["output"] = value


def show_plans(run: Run) -> None:
    """Print what `--dry-run` kept from being sent."""
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
    elif run.speaks_json:
        run.tell_object({"error": error.as_dict()})
    elif isinstance(error, InterruptedByUserError):
        run.tell(str(error))  # what somebody wanted is no error
    else:
        run.tell(f"error: {error}")
        if error.hint:
            run.tell(f"hint: {error.hint}")
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
        message if message.endswith((".", "?")) else message + ".", hint=f"`{where} --help` tells more."
    )


def _local_error(error: OSError) -> LocalError:
    if error.errno == errno.ENOSPC:
        return LocalError(
            "The output cannot be written: the disk is full.", hint="Free some space and repeat."
        )
    return LocalError(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}.")


def _meant(wrong: str, ctx: ClickContext | None) -> str:
    """Say which option was surely meant; never one that takes a question or a notice away.

    A wrong option may also name an argument: `--site X`.
    """
    import difflib

    if ctx is None:
        return ""
    for parameter in ctx.command.params:
        metavar = str(getattr(parameter, "metavar", None) or "")
        if parameter.param_type_name == "argument" and metavar.rstrip(".") == wrong.lstrip("-").upper():
            return f"It is an argument: `{ctx.command_path} {metavar}`. "
    known = [name.removeprefix("--") for parameter in ctx.command.params for name in parameter.opts]
    safe = [name for name in known if name not in ("yes", "quiet") and not name.startswith("-")]
    near = difflib.get_close_matches(wrong.removeprefix("--"), safe, 1, cutoff=0.8)
    return f"Did you mean --{near[0]}? " if near else ""


def _unexpected(run: Run, error: Exception) -> HpcliError:
    """Name a fault of hpcli itself; the traceback is shown only when HPCLI_DEBUG asks for it."""
    if run.environment.get("HPCLI_DEBUG"):
        raise error
    found: Any = error.__traceback__
    while found is not None and found.tb_next is not None:
        found = found.tb_next
    place = f"{os.path.basename(found.tb_frame.f_code.co_filename)}:{found.tb_lineno}" if found else "?"  # noqa: PTH119 - a name from a code object
    return HpcliError(
        f"hpcli itself failed: {type(error).__name__} at {place}.",
        hint="Please report it; HPCLI_DEBUG=1 shows where (and may show secrets).",
    )
