"""`hpcli device otap profile`: the object model of a device as a tree, fetched only when it changed."""

from functools import partial
from typing import Annotated, Any

import typer

from hpcli.api.operations.device import otap
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.local.object_models import ObjectModels, model_rows, models_folder, tree_lines
from hpcli.output import Column, Format, View, escape_controls
from hpcli.parse import parse_serial
from hpcli.run.context import Context

MODEL = View(
    noun="model element",
    id="identifier",
    columns=(
        Column("RESOURCE", "resource"),
        Column("INDEX", "localIndex", priority=3),
        Column("DOMAIN", "domain"),
        Column("KIND", "kind"),
        Column("NAME", "identifier"),
        Column("ACCESS", "access", priority=1),
        Column("TITLE", "title", wide=True, priority=2),
    ),
    fields=lambda: ("resource", "localIndex", "domain", "kind", "identifier", "access", "title", "version"),
)


@calls(otap.PROFILE)
@many("serial", selected=True)
def show_profile(
    ctx: Context,
    serial: SerialArgument,
    schema: Annotated[
        bool, typer.Option("--schema", help="Include the schemas of properties and operations.")
    ] = False,
    md5: Annotated[
        str | None,
        typer.Option(help="Digest of your copy; an unchanged model is not sent again.", metavar="MD5"),
    ] = None,
    identifier: Annotated[
        str | None, typer.Option(help="Only this resource, domain or property.", metavar="NAME")
    ] = None,
    compressed: Annotated[
        bool, typer.Option("--gzip", help="Have the model sent compressed; it is unpacked here.")
    ] = False,
) -> None:
    """Print the object model of a device as a tree.

    hpcli caches the model and fetches it again only when its digest has changed.
    Tab completes domains, properties and operations from it. -o json prints the
    whole model.

    $ hpcli device otap profile Q10254783
    $ hpcli device otap profile Q10254783 --identifier ZoneMgr --schema
    """
    if md5 is not None or identifier is not None:
        model = ctx.client.device.otap.profile(
            serial, schema=schema, md5=md5, identifier=identifier, compressed=compressed
        )
    else:
        model = _current_model(ctx, serial, schema=schema, compressed=compressed)
    printer, has_fields = ctx.run.printer, bool(ctx.run.options.fields)
    is_whole = printer.format in (Format.JSON, Format.NDJSON) and not has_fields
    if ctx.is_one_of_many:
        if is_whole:
            ctx.show_one(model, MODEL)
        else:
            ctx.show(model_rows(model.get("profile") or {}), MODEL)
        return
    if schema or is_whole or not model.get("profile"):
        printer.value(model)
    elif ctx.settings.locate("output")[1] == "default" and not has_fields:
        lines = tree_lines(parse_serial(serial), model)
        ctx.show_text("\n".join(escape_controls(line) for line in lines))
    else:
        printer.rows(model_rows(model["profile"]), MODEL)


def _current_model(ctx: Context, serial: str, *, schema: bool, compressed: bool) -> dict[str, Any]:
    """Return the whole model, from the cache if its digest is still current."""
    session = ctx.run.session
    models = ObjectModels(models_folder(ctx.settings.cache_dir, session.account_id))
    kept = models.load(serial, schema=schema)
    ask = partial(ctx.client.device.otap.profile, compressed=compressed)
    if kept is None:
        model = ask(serial, schema=schema)
    else:
        model = ask(serial, schema=schema, md5=str(kept["md5"]))
        if model.get("profile") is None and model.get("changed") is False:
            return {**kept, "changed": False}
        if model.get("profile") is None:
            model = ask(serial, schema=schema)
    models.store(serial, model, schema=schema)
    return model
