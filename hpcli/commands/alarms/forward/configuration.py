"""The outputs of forward.toml that concern a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.forward.config import ForwardFile, OutputConfig
    from hpcli.alarms.forward.declaration import Declaration

NameArgument = Annotated[str, typer.Argument(help="Name of the output.", metavar="NAME")]
NamesArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Names of outputs; all without it.", metavar="[NAME...]", show_default=False),
]


def forward_file(ctx: Context) -> ForwardFile:
    """Return forward.toml of the config directory."""
    from hpcli.alarms.forward.config import ForwardFile

    return ForwardFile(ctx.settings.config_dir)


def chosen_outputs(ctx: Context, names: Sequence[str] | None) -> list[OutputConfig]:
    """Return the outputs of this profile: those named, or all.

    Raises:
        NotFoundError: one does not exist.
        UsageError: one is for other profiles only, or cannot be used.
    """
    from hpcli.errors import UsageError

    file, profile = forward_file(ctx), ctx.settings.profile_name
    if not names:
        return [config for config in file.outputs() if config.is_for(profile)]
    found = [file.find(name) for name in ctx.inputs.read_list(names, "output")]
    for config in found:
        if not config.is_for(profile):
            raise UsageError(
                f"The output '{config.name}' is not for the profile '{profile}'.",
                hint=f"Use --profile {config.profiles[0]}, or change its `profile` in {file.path}.",
            )
    return found


def tell_advice(ctx: Context, config: OutputConfig) -> None:
    """Show the hints about an output that is valid but may surprise."""
    from hpcli.alarms.forward.setup import make_setup

    for sentence in config.kind.advice(make_setup(config)):
        ctx.info(f"{config.name}: {sentence}")


def declared_outputs(ctx: Context, names: Sequence[str] | None = None) -> Declaration:
    """Return what forward.toml declares for this profile; with names, of these outputs only, without the rules.

    Raises:
        UsageError: the file cannot be used at all, or a rule is wrong.
        LocalError: it cannot be read, or others can write it.
    """
    from hpcli.alarms.forward.declaration import Declaration, read_declaration

    found = read_declaration(forward_file(ctx), ctx.settings.profile_name)
    if not names:
        return found
    outputs = {name: config for name, config in found.outputs.items() if name in names}
    faults = {name: fault for name, fault in found.faults.items() if name in names}
    return Declaration(outputs, faults)
