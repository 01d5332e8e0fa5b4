"""`hpcli fleet schema`: the form of fleet files."""

from hpcli.run.context import Context


def print_schema(ctx: Context) -> None:
    """Print the JSON Schema of fleet files.

    Editors check a file with it; its descriptions say what `fleet apply` does with each key.

    $ hpcli fleet schema
    """
    from hpcli.fleet.schema import schema

    ctx.run.printer.value(schema(), as_it_came=True)
