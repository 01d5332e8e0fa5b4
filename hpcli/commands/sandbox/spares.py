"""`hpcli sandbox spares`: devices to practise `device add` with."""

from hpcli.commands.sandbox.options import StateFile
from hpcli.output import Column, View
from hpcli.run.context import Context

# The code is printed although it is a secret elsewhere: whoever asks for spares wants it.
SPARES = View(
    noun="spare device",
    id="serial",
    columns=(Column("SERIAL", "serial"), Column("CODE", "code")),
    fields=lambda: ("serial", "code"),
    as_it_came=True,
)


def list_spares(ctx: Context, state: StateFile = None) -> None:
    """List spare devices with their codes.

    The CSV output is what device add --from reads.

    $ hpcli sandbox spares
    $ hpcli sandbox spares -o csv > spares.csv
    """
    from hpcli.sandbox import control

    ctx.show(control.spares(state or ctx.run.session.sandbox_file), SPARES)
