"""`hpcli sandbox serve`: serve the sandbox until stopped."""

from typing import Annotated

import typer

from hpcli.commands.sandbox.options import StateFile, spare_camera
from hpcli.errors import UsageError
from hpcli.parse import parse_duration
from hpcli.run.context import Context


def serve(
    ctx: Context,
    port: Annotated[
        int, typer.Option(help="Loopback port; 0 picks a free one.", min=0, max=65535, metavar="PORT")
    ] = 8321,
    state: StateFile = None,
    latency: Annotated[
        int | None,
        typer.Option(help="Delay of every answer, in milliseconds.", min=0, max=60000, metavar="MS"),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(help="Maximum calls a second; 0 for no limit.", min=0, metavar="N"),
    ] = None,
    site_delay: Annotated[
        str | None,
        typer.Option(
            "--site-delay", help="How long searches do not find a new site, such as 5s.", metavar="DURATION"
        ),
    ] = None,
    offline_code: Annotated[
        str | None,
        typer.Option(
            "--offline-code",
            help="What is answered for an offline device: EVZ20007 or LAP020011.",
            metavar="CODE",
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="Fault and its share of calls, such as reset=0.05; may be repeated.", metavar="KIND=SHARE"
        ),
    ] = None,
) -> None:
    """Serve the sandbox until stopped.

    Prints the login host, key and secret to stdout as export lines.

    Faults are refuse (no answer), reset and cut (half an answer), stall60, html502, limit429,
    retry429, badjson, drift (looser JSON), nodata, textdata (a success without the data),
    gone404, badclock and movedomain (when signing in); on the alarm queue silence20, empty,
    nulldata, dupbatch and disorder; or the error code LAP000000, LAP500001, LAP500004,
    LAP500007, LAP068001, LAP008128, EVZ10007 or EVZ20008.

    --offline-code takes every code for an offline device, such as EVZ20023 or EVZ20029.

    All these options stay in effect until you give others, also for --profile sandbox.
    To clear them, run hpcli sandbox reset.

    $ hpcli sandbox serve --port 8321
    $ hpcli sandbox serve --fault reset=0.05 --fault limit429=0.1
    $ hpcli sandbox serve --site-delay 5s --offline-code LAP020011
    """
    from hpcli.run.signals import until_stopped
    from hpcli.sandbox import control

    file = state or ctx.run.session.sandbox_file
    control.configure(
        file,
        latency_ms=latency,
        rate=rate,
        faults=dict(_fault(text) for text in fault) if fault else None,
        site_delay_seconds=None if site_delay is None else parse_duration(site_delay).total_seconds(),
        offline_code=None if offline_code is None else offline_code.strip().upper(),
    )
    with until_stopped() as stopped:
        sandbox = ctx.run.session.serve_sandbox(file, port=port)
        ctx.show_text(
            f"export HPCLI_BASE_URL={sandbox.base_url}\n"
            f"export HPCLI_APP_KEY={sandbox.app_key}\n"
            f"export HPCLI_SECRET_KEY={sandbox.secret_key}"
        )
        sentences = (spare_camera(file), "Press Ctrl-C to stop.")
        ctx.info(" ".join(("The sandbox is running.", *filter(None, sentences))))
        try:
            stopped.wait()
        finally:
            sandbox.close()


def _fault(text: str) -> tuple[str, float]:
    kind, equals, share = text.partition("=")
    try:
        value = float(share)
    except ValueError:
        value = -1.0
    if not equals or not 0 <= value <= 1:
        raise UsageError(
            f"--fault '{text}' is not KIND=SHARE.", hint="For example, reset=0.05 for 5 % of the calls."
        )
    return kind.strip(), value
