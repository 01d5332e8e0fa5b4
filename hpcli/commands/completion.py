"""`hpcli completion`: the script that completes hpcli in a shell."""

from typing import Annotated

import typer

from hpcli.commands.framework.family import Single
from hpcli.run.context import Context
from hpcli.run.settings import choose

SCRIPTS = {"bash": "hpcli.bash", "zsh": "_hpcli", "fish": "hpcli.fish", "powershell": "hpcli.ps1"}
"""Shell to its file in `hpcli/completion/scripts`."""


def print_script(
    ctx: Context,
    shell: Annotated[str, typer.Argument(help="bash, zsh, fish or powershell.", metavar="SHELL")],
) -> None:
    """Print the completion script of a shell.

    The package installs the scripts of bash, zsh and fish in share/. If your shell
    does not look there, add one of these lines to its start-up file:

      bash, zsh:   source <(hpcli completion bash)
      fish:        hpcli completion fish | source
      PowerShell:  hpcli completion powershell | Out-String | Invoke-Expression

    $ hpcli completion bash
    $ hpcli completion zsh > _hpcli
    """
    import pkgutil

    script = pkgutil.get_data(
        "hpcli.completion", f"scripts/{SCRIPTS[choose(shell, tuple(SCRIPTS), 'SHELL')]}"
    )
    assert script is not None  # it is package data
    ctx.show_text(script.decode().rstrip("\n"))


app = Single("completion:print_script")
