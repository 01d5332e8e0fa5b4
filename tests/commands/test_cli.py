"""The root of the command line: common options, errors, exit codes, asking, dry runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from hpcli.commands.registry import FAMILIES
from hpcli.errors import ExitCode
from hpcli.sandbox import DEFAULT_DEVICE, control
from tests.support.platform_server import Platform
from tests.support.runner import Runner

SEARCH = ("api", "v1/site/search", "--data", '{"pageSize": 1}')
REBOOT = ("device", "isapi", "PUT", "/ISAPI/System/reboot", DEFAULT_DEVICE)


def test_every_family_of_the_registry_is_there_and_named_so(hpcli: Runner) -> None:
    named = {row["command"].split()[0] for row in hpcli("commands", "-o", "json").json}
    assert named == set(FAMILIES)


def test_common_options_stand_before_the_family_and_behind_the_verb(hpcli: Runner) -> None:
    before = hpcli("-o", "json", "timezones", "berlin")
    behind = hpcli("timezones", "berlin", "-o", "json")
    assert before.json == behind.json != []


def test_the_later_common_option_wins(hpcli: Runner) -> None:
    assert hpcli("-o", "json", "timezones", "berlin", "-o", "ids").stdout == "133\n"


def test_a_common_option_in_between_is_refused_with_its_place(hpcli: Runner) -> None:
    result = hpcli("site", "--profile", "sandbox", "list")
    assert result.exit_code == 2
    assert "before 'site' or after the verb" in result.stderr


def test_a_wrong_command_names_the_nearest(hpcli: Runner) -> None:
    result = hpcli("sites", "list")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Did you mean 'site'?" in result.stderr


def test_a_command_that_is_near_none_gets_the_few_there_are(hpcli: Runner) -> None:
    assert "hint: `hpcli person` has add, update, delete, sync." in hpcli("person", "list").stderr
    assert "hint: `hpcli device --help` lists them." in hpcli("device", "qqq").stderr


def test_a_wrong_common_option_is_named(hpcli: Runner) -> None:
    assert "error: -o: 'xml' is not one of: table, " in hpcli("site", "list", "-o", "xml").stderr
    assert "error: --timeout: 'soon' is not a duration." in hpcli("--timeout", "soon", "site", "list").stderr


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("device", "list", "--searhc", "x"), "Did you mean --search?"),
        (("device", "list", "--profil", "x"), "Did you mean --profile?"),
        (("device", "list", "--names"), ""),
        (("device", "list", "--quite"), ""),
        (("timezones", "--pictures", "3"), ""),
    ],
)
def test_a_wrong_option_names_one_that_is_near_and_does_no_harm(
    hpcli: Runner, arguments: tuple[str, ...], meant: str
) -> None:
    result = hpcli(*arguments)
    assert result.exit_code == ExitCode.USAGE
    assert (meant or "hint: `hpcli") in result.stderr


def test_what_is_no_whole_number_is_told_in_words(hpcli: Runner) -> None:
    result = hpcli("device", "list", "--limit", "many")
    assert (result.exit_code, "'many' is not a whole number." in result.stderr) == (ExitCode.USAGE, True)


def test_an_error_with_json_output_is_one_json_line(hpcli: Runner) -> None:
    result = hpcli("explain", "LAP999999", "-o", "json")
    assert result.exit_code == 4
    assert result.error["kind"] == "not-found"
    assert set(result.error) == {
        "code", "message", "platformMessage", "hint", "kind", "httpStatus", "exitCode", "target"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("timezones",), ExitCode.DONE),
        (("timezones", "-o", "yaml"), ExitCode.USAGE),
        (("timezones", "--fields", "nope"), ExitCode.USAGE),
        (("timezones", "--fields", "number", "--query", "[0]"), ExitCode.USAGE),
        (("timezones", "--timeout", "soon"), ExitCode.USAGE),
        (("timezones", "--timeout", "0"), ExitCode.USAGE),
        (("timezones", "--query", "[0]", "-o", "csv"), ExitCode.DONE),
        (("timezones", "--query", "[0]", "-o", "ndjson"), ExitCode.USAGE),
        (("site", "list"), ExitCode.SIGN_IN),
        (("site", "list", "--profile", "nobody"), ExitCode.USAGE),
        (("explain", "XYZ"), ExitCode.NOT_FOUND),
        (("explain", "EVZ20007", "XYZ"), ExitCode.PARTIAL),
        (("explain", "@/nowhere"), ExitCode.LOCAL),
    ],
)
def test_exit_codes_without_a_platform(hpcli: Runner, arguments: tuple[str, ...], code: ExitCode) -> None:
    result = hpcli(*arguments)
    assert result.exit_code == code, result.stderr
    assert result.exit_code == 0 or result.stderr.startswith(("error: ", "XYZ", '{"error":')), result.stderr


def test_an_unknown_device_is_not_found(hpcli: Runner, platform: Platform) -> None:
    result = hpcli(
        *("device", "isapi", "GET", "/ISAPI/System/deviceInfo", "Q00000000", "-o", "json"),
        environment=platform.environment,
    )
    assert (result.error["code"], result.exit_code) == ("EVZ20002", ExitCode.NOT_FOUND), result.stderr


@pytest.mark.parametrize(
    ("fault", "code", "exit_code"),
    [("LAP500007", "LAP500007", ExitCode.CALL_LIMIT), ("html502", None, ExitCode.NETWORK)],
)
def test_a_fault_that_lasts_as_long_as_the_call_may_has_its_exit_code(
    hpcli: Runner, platform: Platform, fault: str, code: str | None, exit_code: ExitCode
) -> None:
    platform.configure(faults={f"{fault}@/v1/site": 1.0})
    result = hpcli("site", "list", "-o", "json", "--timeout", "2", environment=platform.environment)
    assert (result.error["code"], result.exit_code) == (code, exit_code), result.stderr


def test_an_answer_that_is_no_json_is_a_network_error(hpcli: Runner, platform: Platform) -> None:
    platform.configure(faults={"badjson@/v1/site": 1.0})
    result = hpcli("site", "list", "--timeout", "2", environment=platform.environment)
    assert result.exit_code == ExitCode.NETWORK
    assert "not the platform's" in result.stderr


def test_an_answer_with_a_token_that_is_no_json_is_not_quoted(hpcli: Runner, platform: Platform) -> None:
    platform.configure(faults={"badjson": 1.0})
    result = hpcli("site", "list", "--timeout", "2", "-v", environment=platform.environment)
    assert result.exit_code == ExitCode.NETWORK
    assert "(HTTP 200): JSON that is broken." in result.stderr
    assert "accessToken" not in result.stderr


def test_an_offline_device_has_its_own_exit_code(hpcli: Runner, platform: Platform) -> None:
    offline = next(d for d in platform.client().device.list() if d["deviceOnlineStatus"] == 0)
    result = hpcli(
        "device",
        "isapi",
        "GET",
        "ISAPI/System/deviceInfo",
        offline["deviceSerial"],
        environment=platform.environment,
    )
    assert result.exit_code == ExitCode.DEVICE
    assert result.stderr.startswith("error: F55120761: The device is offline. (EVZ20007)\nhint: ")


def test_an_unreachable_host_is_a_network_error(hpcli: Runner) -> None:
    keys = {"HPCLI_APP_KEY": "k", "HPCLI_SECRET_KEY": "s", "HPCLI_BASE_URL": "http://127.0.0.1:1"}
    result = hpcli("site", "list", "--timeout", "1", environment=keys)
    assert result.exit_code == ExitCode.NETWORK
    assert "cannot be reached" in result.stderr


def test_bad_json_in_data_names_line_and_column(hpcli: Runner) -> None:
    result = hpcli("api", "v1/site/search", "--data", '{"page": }', "--profile", "sandbox")
    assert result.exit_code == 2
    assert "line 1, column 10" in result.stderr


def test_a_change_is_refused_where_nobody_can_be_asked(hpcli: Runner, platform: Platform) -> None:
    result = hpcli(*REBOOT, environment=platform.environment)
    assert result.exit_code == ExitCode.USAGE
    assert "--yes" in result.stderr
    assert control.statistics(platform.state)["requests"] == {}


def test_a_dry_run_asks_nothing_sends_nothing_and_hides_secrets(hpcli: Runner, platform: Platform) -> None:
    result = hpcli(
        *REBOOT, "--dry-run", "--as", "admin", "--as-password-stdin", "-o", "json",
        stdin="geheim\n", environment=platform.environment,
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert result.json == [
        {
            "method": "PUT",
            "url": f"{platform.base_url}/api/hpcgw/v1/device/transparent/ISAPI/System/reboot",
            "headers": {
                "Authorization": "***",
                "X-Devserial": DEFAULT_DEVICE,
                "X-Username": "admin",
                "X-Password": "***",
            },
            "body": None,
        }
    ]
    sent = control.statistics(platform.state)["requests"]
    assert not any("transparent" in path for path in sent)


@pytest.mark.parametrize(
    ("answer", "code"), [("n\n", 130), ("\n", 130), ("y\n", 8), ("\x04", 130), ("\x03", -2)]
)
def test_a_question_is_answered_on_the_terminal(
    hpcli: Runner, platform: Platform, answer: str, code: int
) -> None:
    terminal = hpcli.on_terminal(*REBOOT, environment=platform.environment)
    terminal.wait_for("[y/N] ")
    terminal.type(answer)
    # 8: the demo panel has no such URI, so the device was asked
    assert terminal.finish() in ({code, 4} if code == 8 else {code}), terminal.shown


def test_a_reader_that_goes_away_ends_the_command_silently(hpcli: Runner, platform: Platform) -> None:
    control.reset(platform.state, sites=300, devices=0)
    with hpcli.start("site", "list", environment=platform.environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == ExitCode.CLOSED
        assert process.stderr.read() == ""


@pytest.mark.parametrize("arguments", [("timezones",), ("site", "--help")])
def test_a_full_disk_is_an_error_of_this_computer(hpcli: Runner, arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        process = hpcli.start(*arguments, stdout=full)
        _, told = process.communicate()
    assert process.returncode == ExitCode.LOCAL
    assert "disk is full" in told


def test_ctrl_c_in_the_middle_of_a_call_ends_it_by_the_signal(hpcli: Runner, platform: Platform) -> None:
    platform.configure(faults={"stall60@/v1/site": 1.0})
    with hpcli.start("site", "list", environment=platform.environment) as process:
        while not any("site/search" in path for path in control.statistics(platform.state)["requests"]):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == -signal.SIGINT


@pytest.mark.parametrize(
    "arguments", [("device", "isapi", "GET", "/ISAPI/x/%2e%2E/y"), ("api", "v1/%2e%2e/x")]
)
def test_a_path_that_leads_elsewhere_is_refused(hpcli: Runner, arguments: tuple[str, ...]) -> None:
    result = hpcli(*arguments, "--profile", "sandbox", "-y")
    assert (result.exit_code, result.stderr.startswith("error: ")) == (2, True)


@pytest.mark.usefixtures("no_call_limit")
@pytest.mark.parametrize("everything", [(), ("--all",)])
def test_fields_that_an_answer_lacks_are_refused(hpcli: Runner, everything: tuple[str, ...]) -> None:
    asked = ("device", "isapi", "GET", "/ISAPI/System/deviceInfo", *everything, "--profile", "sandbox")
    result = hpcli(*asked, "--fields", "foo")
    assert (result.exit_code, result.stdout) == (2, "")
    assert ("deviceSerial" if everything else "DeviceInfo.model") in result.stderr
    field = "body.DeviceInfo.model" if everything else "DeviceInfo.model"
    assert "DS-PWA96-M-WE" in hpcli(*asked, "--fields", field).stdout


def test_an_error_names_its_only_target(hpcli: Runner) -> None:
    offline = ("device", "isapi", "GET", "/ISAPI/System/time", "F55120761", "--profile", "sandbox")
    assert hpcli(*offline).stderr.startswith("error: F55120761: The device is offline. (EVZ20007)")
    assert hpcli(*offline, "-o", "json").error["target"] == "F55120761"
    missing = hpcli("site", "show", "Nowhere", "--profile", "sandbox")
    assert missing.stderr.startswith("error: There is no site 'Nowhere'.")


def test_exit_4_is_not_for_a_function_that_a_device_lacks(hpcli: Runner) -> None:
    result = hpcli("device", "isapi", "GET", "/ISAPI/Nothing/here", "Q10254783", "--profile", "sandbox")
    assert result.exit_code == 8


@pytest.mark.usefixtures("no_call_limit")
def test_an_offline_device_has_no_status(hpcli: Runner) -> None:
    rows = hpcli(
        *("device", "isapi", "GET", "/ISAPI/System/time", "--all", "--profile", "sandbox", "-o", "ndjson")
    ).rows
    offline = [row for row in rows if "error" in row and row["error"]["kind"] == "offline"]
    assert offline
    assert {row["status"] for row in offline} == {None}


def test_two_inputs_from_stdin_are_refused(hpcli: Runner) -> None:
    result = hpcli(
        "device",
        "isapi",
        "PUT",
        "/ISAPI/System/time",
        "-",
        "--data",
        "-",
        "--profile",
        "sandbox",
        "-y",
        stdin="x",
    )
    assert result.exit_code == 2
    assert "cannot both come from stdin" in result.stderr


def test_the_trace_shows_no_secret_and_no_token(hpcli: Runner, platform: Platform) -> None:
    result = hpcli(*SEARCH, "-vv", environment=platform.environment)
    assert "POST" in result.stderr
    assert "token/get" in result.stderr
    assert "hpc." not in result.stderr
    assert platform.app_key not in result.stderr


def test_notices_are_json_lines_beside_json(hpcli: Runner) -> None:
    result = hpcli("device", "isapi", "GET", "/ISAPI/System/deviceInfo", "--profile", "sandbox", "-o", "json")
    assert json.loads(result.stderr)["notice"].startswith(f"Asking {DEFAULT_DEVICE}")
    assert result.json["DeviceInfo"]["serialNumber"].endswith(DEFAULT_DEVICE)


def test_the_sandbox_ignores_the_accounts_variables(hpcli: Runner) -> None:
    wrong = {"HPCLI_APP_KEY": "k", "HPCLI_SECRET_KEY": "s", "HPCLI_BASE_URL": "http://127.0.0.1:1"}
    for choose in ({"HPCLI_PROFILE": "sandbox"}, {}):
        arguments = () if choose else ("--profile", "sandbox")
        assert hpcli("site", "list", *arguments, environment={**wrong, **choose}).exit_code == 0


def test_python_m_hpcli_is_the_same_command() -> None:
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "hpcli", "--version"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert done.stdout.startswith("hpcli ")
