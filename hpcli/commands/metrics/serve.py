"""`hpcli metrics serve`: the numbers of `alarms status` and `health report`, over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.health import REPORT
from hpcli.api.operations.site import SEARCH
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.parse import naming, parse_duration
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.commands.metrics.refresh import Part
    from hpcli.stop import Stop

_SHORTEST: Final = {"--every": 1.0, "--health-every": 60.0}


@calls(REPORT, SEARCH, SEARCH_DEVICES)
def serve(
    ctx: Context,
    listen: Annotated[
        str, typer.Option(help="Address to listen on; port 0 picks a free one.", metavar="HOST:PORT")
    ] = "127.0.0.1:9876",
    every: Annotated[
        str, typer.Option(help="How often the state of alarms is read.", metavar="DURATION")
    ] = "15s",
    health_every: Annotated[
        str,
        typer.Option(
            "--health-every", help="How often the health of all devices is read.", metavar="DURATION"
        ),
    ] = "15m",
    no_health: Annotated[
        bool, typer.Option("--no-health", help="Serve alarms only; this makes no calls.")
    ] = False,
    all_profiles: Annotated[
        bool,
        typer.Option(
            "--all-profiles", help="Serve the alarms of all profiles of config.toml, without health."
        ),
    ] = False,
) -> None:
    """Serve the state of alarms and devices to Prometheus.

    The numbers are those of `alarms status -o prometheus` and `health report --all -o
    prometheus`. A scrape makes no calls: it gets the last numbers, and the time of
    their reading in hpcli_metrics_refresh_timestamp_seconds. If a reading fails, the
    last numbers stay, and hpcli_metrics_refresh_success is 0.

    The health of all devices takes one call for each site and one for every 100
    devices, one at a time and within the account's call limit. If that takes longer
    than half of --health-every, a pause of the same length follows.

    --all-profiles serves the state of alarms of each profile, told apart by the label
    `profile`, and no health: for a computer with many accounts. It makes no calls. A
    profile that cannot be read has hpcli_alarms_status_readable 0.

    Anyone who can reach the address can read the names of sites and devices. Install
    hpcli with [metrics] for this command.

    $ hpcli metrics serve
    $ hpcli metrics serve --listen 127.0.0.1:9877 --health-every 1h
    $ hpcli metrics serve --all-profiles
    """
    from hpcli.alarms.forward.kind import LOOPBACK
    from hpcli.commands.metrics.refresh import read_parts
    from hpcli.local.service_manager import ServiceManager
    from hpcli.output.metrics_server import serve_metrics
    from hpcli.output.prometheus import check_library
    from hpcli.run.signals import until_stopped

    host, port = parse_address(listen)
    seconds = _seconds("--every", every)
    health_seconds = None if no_health else _seconds("--health-every", health_every)
    check_library("metrics serve")
    with until_stopped() as stop:
        parts = _all_profiles(ctx, seconds) if all_profiles else _parts(ctx, stop, seconds, health_seconds)
        with serve_metrics(host, port, lambda: read_parts(parts)) as bound:
            _begin(parts, stop)
            shown = f"[{host}]" if ":" in host else host
            ctx.info(f"Serving metrics on http://{shown}:{bound}/metrics; press Ctrl-C to stop.")
            if host not in LOOPBACK:
                ctx.warn("Anyone who can reach this address can read the names of sites and devices.")
            manager = ServiceManager(ctx.run.environment)
            manager.tell("READY=1", f"STATUS=Serving metrics on port {bound}.")
            while not stop.wait(manager.seconds):
                manager.tell("WATCHDOG=1")
            manager.tell("STOPPING=1")


def parse_address(text: str) -> tuple[str, int]:
    """Return host and port of `127.0.0.1:9876`, `[::1]:9876` or `:9876`, which is on loopback.

    Raises:
        UsageError: the text has another form.
    """
    host, colon, port = text.strip().rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    is_port = port.isdecimal() and port.isascii() and int(port) < 65536
    if not colon or not is_port or (":" in bare and bare == host):
        raise UsageError(
            f"--listen: '{text}' is not HOST:PORT.", hint="For example, 127.0.0.1:9876 or [::1]:9876."
        )
    return bare or "127.0.0.1", int(port)


def _seconds(option: str, text: str) -> float:
    with naming(option):
        seconds = parse_duration(text).total_seconds()
        if seconds < _SHORTEST[option]:
            raise UsageError(f"{text} is too short; the minimum is {_SHORTEST[option]:g}s.")
    return seconds


def _parts(ctx: Context, stop: Stop, seconds: float, health_seconds: float | None) -> list[Part]:
    from hpcli.commands.alarms.metrics import read_alarm_metrics
    from hpcli.commands.health.metrics import read_health_metrics
    from hpcli.commands.metrics.refresh import Part

    _ = ctx.run.session.account_id  # without an account there is nothing to serve
    ctx.run.session.is_service = True
    parts = [Part("alarms", partial(read_alarm_metrics, ctx), seconds, ctx.warn)]
    if health_seconds is not None:
        parts.append(Part("health", partial(read_health_metrics, ctx, stop), health_seconds, ctx.warn))
    return parts


def _all_profiles(ctx: Context, seconds: float) -> list[Part]:
    from hpcli.commands.alarms.metrics import read_metrics_of_profiles
    from hpcli.commands.metrics.refresh import Part

    if ctx.settings.flags.get("profile"):
        raise UsageError("--all-profiles and --profile cannot be used together.")
    if not ctx.settings.profiles.names():
        raise UsageError(
            "config.toml has no profiles.", hint="Leave --all-profiles out, or sign in: hpcli auth login"
        )
    return [Part("alarms", partial(read_metrics_of_profiles, ctx), seconds, ctx.warn)]


def _begin(parts: Sequence[Part], stop: Stop) -> None:
    """Read the numbers at their intervals, each part in a thread of its own; those of alarms are there at once."""
    parts[0].refresh()
    for part in parts:
        threading.Thread(target=part.run, args=(stop,), name=part.name, daemon=True).start()
