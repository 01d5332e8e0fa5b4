"""`alarms tail --standby-of` and `--heartbeat-as`: what is refused, what is planned, and what `alarms status` shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcli.alarms.standby.record import forget_server, keep_server, load_server
from hpcli.commands.alarms.metrics import _is_active
from hpcli.commands.alarms.status_tables import status_view
from hpcli.commands.alarms.tail_standby import ServerOptions, read_server_options
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner

STANDBY = ("--standby-of", "host-01")
HOST = ("--heartbeat-as", "host-01")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((*STANDBY, "--lease", "nats://127.0.0.1:1/b"), "--standby-of and --lease cannot be used together"),
        ((*HOST, "--lease", "nats://127.0.0.1:1/b"), "--heartbeat-as and --lease cannot be used together"),
        ((*STANDBY, "--no-journal"), "--standby-of and --no-journal cannot be used together"),
        ((*STANDBY, *HOST), "cannot be the same"),
        (("--down-after", "3m"), "--down-after needs --standby-of"),
        ((*HOST, "--down-after", "3m"), "--down-after needs --standby-of"),
        (("--heartbeat-every", "60s"), "--heartbeat-every needs --heartbeat-as or --standby-of"),
        ((*STANDBY, "--down-after", "soon"), "--down-after: 'soon' is not a duration"),
        ((*STANDBY, "--down-after", "0"), "--down-after: 0 is too short"),
        (
            (*STANDBY, "--down-after", "100s", "--heartbeat-every", "60s"),
            "shorter than twice --heartbeat-every",
        ),
        (("--standby-of", ""), "UUID"),
    ],
)
def test_options_that_do_not_go_together_are_usage_errors(
    hpcli: Runner, options: tuple[str, ...], said: str
) -> None:
    result = hpcli("alarms", "tail", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_silence_is_three_heartbeats_unless_it_is_given() -> None:
    assert read_server_options("h", None, None, None) == ServerOptions(None, "h", 180.0, 60.0)
    assert read_server_options("h", "30s", "s", None) == ServerOptions("s", "h", 30.0, 10.0)
    assert read_server_options(None, None, "h", "5s") == ServerOptions("h", None, 180.0, 5.0)
    assert read_server_options(None, None, None, None) is None


def test_servers_have_to_be_registered_and_the_plan_shows_the_heartbeat(run: Run, platform: Platform) -> None:
    plan = ("alarms", "tail", *STANDBY, "--dry-run", "--limit", "1", "-o", "json")
    assert run(*plan).exit_code == 4
    with platform.client() as client:
        client.hotspare.add("host-01", 0)
        result = run(*plan)
        assert (result.exit_code, "hotspare add UUID --role spare1" in result.error["hint"]) == (4, True)
        client.hotspare.add("spare-01", 1)
        bodies = [call["body"] for call in run(*plan).json]
        assert bodies == [{"uuid": "spare-01"}, {"batchId": "<each batch>"}]
        result = run("alarms", "tail", "--heartbeat-as", "spare-01", "-o", "json", "--limit", "1")
        assert (result.exit_code, result.error["hint"]) == (2, "Add --standby-of host-01.")


@pytest.mark.parametrize(
    ("role", "state", "shown", "is_active"),
    [
        ("spare", "standby", "stands by for h, last heard then", 0.0),
        ("spare", "reading", "reads in place of h, last heard then", 1.0),
        ("spare", "handing-back", "hands back to h, last heard then", 1.0),
        ("spare", "unknown", "cannot ask whether h is up, last heard then", 0.0),
        ("host", "reading", "host h: sends heartbeats", 1.0),
        ("host", "unknown", "host h: its heartbeat fails", 1.0),
        ("host", "stopped", "host h: sends no heartbeats, as it does not poll", 1.0),
    ],
)
def test_status_shows_what_a_reader_is_among_the_servers(
    role: str, state: str, shown: str, is_active: float
) -> None:
    server = {"role": role, "host": "h", "state": state, "hostHeard": "then"}
    row = {"reader": {"pid": 7, "since": "now"}, "lease": None, "hotspare": server}
    reader = status_view().columns[0]
    assert reader.show is not None
    assert reader.show(row["reader"], row) == f"pid 7, since now, {shown}"
    assert _is_active(row) == is_active


def test_a_reader_that_waits_for_its_lease_is_not_active() -> None:
    row = {"reader": {"pid": 7}, "lease": {"state": "waiting"}, "hotspare": None}
    assert _is_active(row) == 0.0
    assert _is_active({**row, "lease": None}) == 1.0
    assert _is_active({**row, "reader": None}) == 0.0


def test_the_record_of_a_server_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    fields = dict.fromkeys(("role", "uuid", "host", "state", "since", "hostHeard", "error"), "x")
    keep_server(tmp_path, fields)
    assert load_server(tmp_path) == fields
    keep_server(tmp_path, {"role": "host"})
    assert load_server(tmp_path) is None
    forget_server(tmp_path)
    assert load_server(tmp_path) is None
