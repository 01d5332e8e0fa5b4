"""`hpcli help`: topics, and the help of any command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from hpcli.commands.framework.family import Single
from hpcli.errors import UsageError
from hpcli.run.context import Context

if TYPE_CHECKING:
    from typer._click.core import Command

app = Single()


@app.verb("help")
def show_help(
    ctx: Context,
    topic: Annotated[
        list[str] | None, typer.Argument(help="A topic, or the words of a command.", metavar="[TOPIC]")
    ] = None,
) -> None:
    """Explain a topic or a command.

    Topics: options, environment, exit-codes, output, automation, sandbox.

    $ hpcli help exit-codes
    $ hpcli help site list
    """
    from hpcli.commands.help.topics import TOPICS

    words = topic or []
    if len(words) == 1 and words[0] in TOPICS:
        ctx.show_text(TOPICS[words[0]].write())
    elif words:
        ctx.show_text(_command_help(words))
    else:
        lines = [f"  {name:14}{topic.summary}" for name, topic in TOPICS.items()]
        ctx.show_text("Topics of `hpcli help TOPIC`:\n\n" + "\n".join(lines))


def _command_help(words: list[str]) -> str:
    """Return what `--help` prints behind these words.

    Raises:
        UsageError: they name neither a topic nor a command.
    """
    from hpcli.cli import FAMILIES, build_root
    from hpcli.commands.help.topics import TOPICS

    if words[0] not in FAMILIES:
        import difflib

        near = difflib.get_close_matches(words[0], [*TOPICS, *FAMILIES], 1)
        meant = f"Did you mean '{near[0]}'? " if near else ""
        raise UsageError(
            f"There is no topic '{words[0]}'.",
            hint=f"{meant}Topics: {', '.join(TOPICS)}; or name a command.",
        )
    command: Command = build_root()
    ctx = command.context_class(command, info_name="hpcli", help_option_names=["-h", "--help"])
    for word in words:
        if not isinstance(command, TyperGroup):
            break
        _, found, _ = command.resolve_command(ctx, [word])
        assert found is not None  # resolve_command raises where there is none
        command, ctx = found, found.context_class(found, info_name=word, parent=ctx)
    return ctx.get_help()
