"""`hpcli help`: explain a topic or a command."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from hpcli.commands.framework.family import Single
from hpcli.errors import UsageError
from hpcli.run.context import Context

if TYPE_CHECKING:
    from typer._click.core import Command


_WIDTH = 80


def show_help(
    ctx: Context,
    topic: Annotated[
        list[str] | None, typer.Argument(help="Topic, or the words of a command.", metavar="[TOPIC]")
    ] = None,
) -> None:
    """Explain a topic: options, exit codes, output, automation.

    Topics: options, environment, exit-codes, output, automation, sandbox.

    $ hpcli help exit-codes
    $ hpcli help site list
    """
    from hpcli.commands.help.topics import TOPICS

    words = topic or []
    if len(words) == 1 and words[0] in TOPICS:
        ctx.show_text(fit(TOPICS[words[0]].write()))
    elif words:
        ctx.show_text(_command_help(ctx.find_root().command, words))
    else:
        lines = [f"  {name:14}{topic.summary}" for name, topic in TOPICS.items()]
        ctx.show_text("Topics of `hpcli help TOPIC`:\n\n" + "\n".join(lines))


def fit(text: str) -> str:
    """Return a text in which no paragraph is wider than a common terminal; tables and examples stay."""
    return "\n\n".join(
        _filled(block) if any(len(line) > _WIDTH for line in block.splitlines()) else block
        for block in text.split("\n\n")
    )


def _filled(block: str) -> str:
    """Return a paragraph, or a list of them that begin with `*`, filled again."""
    lines = block.splitlines()
    if any("  " in line.strip() or line.lstrip().startswith("$") for line in lines):
        return block
    items: list[list[str]] = []
    for line in lines:
        if not items or line.startswith("*"):
            items.append([])
        items[-1].append(line.strip())
    filled = (
        textwrap.fill(
            " ".join(item),
            _WIDTH,
            subsequent_indent="  " if item[0].startswith("*") else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for item in items
    )
    return "\n".join(filled)


def _command_help(command: Command, words: list[str]) -> str:
    """Return the help text of a command.

    Raises:
        UsageError: the words name neither a topic nor a command.
    """
    from hpcli.commands.help.topics import TOPICS

    assert isinstance(command, TyperGroup)
    ctx = command.context_class(command, info_name="hpcli", help_option_names=["-h", "--help"])
    families = command.list_commands(ctx)
    if words[0] not in families:
        from hpcli.reference.choices import did_you_mean, nearest

        meant = did_you_mean(nearest(words[0], [*TOPICS, *families]))
        raise UsageError(
            f"There is no topic '{words[0]}'.",
            hint=f"{meant}Topics: {', '.join(TOPICS)}. Or give a command.",
        )
    for word in words:
        if not isinstance(command, TyperGroup):
            break
        _, found, _ = command.resolve_command(ctx, [word])
        assert found is not None  # resolve_command raises for an unknown command
        command, ctx = found, found.context_class(found, info_name=word, parent=ctx)
    return ctx.get_help()


app = Single("show:show_help")
