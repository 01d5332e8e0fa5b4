"""Several devices or sites at once: how they are named and selected, and what the answer looks like."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.runner import Run

PANEL, RECORDER, CAMERA = "Q10254783", "Q10254801", "F55121300"
OFFLINE = "Q04814402"


def test_one_bare_serial_gives_what_it_always_gave(run: Run) -> None:
    alone = run("device", "info", PANEL, "-o", "json").json
    assert alone["deviceSerial"] == PANEL
    assert "target" not in alone


@pytest.mark.parametrize("words", [(f"{PANEL},{RECORDER}",), (PANEL, RECORDER), ("-",), ("@FILE",)])
def test_however_several_are_written_the_answer_is_an_array(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    text = f"# a comment\n\n{PANEL}\n{RECORDER}\n"
    (tmp_path / "list").write_text(text)
    given = [word.replace("@FILE", f"@{tmp_path / 'list'}") for word in words]
    rows = run("device", "info", *given, "-o", "json", stdin=text).json
    assert [(row["target"], row["deviceSerial"]) for row in rows] == [(PANEL, PANEL), (RECORDER, RECORDER)]


@pytest.mark.parametrize("word", [f"{PANEL},", "-"])
def test_the_shape_depends_on_the_writing_not_on_the_number(run: Run, word: str) -> None:
    rows = run("device", "channels", word, "-o", "json", stdin=PANEL).json
    assert isinstance(rows, list)
    assert {row["target"] for row in rows} <= {PANEL}


def test_an_empty_list_is_an_empty_array(run: Run) -> None:
    for verb in (("device", "time"), ("device", "wake")):
        result = run(*verb, "-", "-o", "json", stdin="\n# nothing\n")
        assert (result.json, result.exit_code) == ([], 0)


def test_a_line_is_one_target_and_is_never_split(run: Run) -> None:
    result = run("device", "info", "-", "-o", "json", stdin=f"{PANEL},{RECORDER}\n")
    assert [row["target"] for row in result.json] == [f"{PANEL},{RECORDER}"]
    assert result.exit_code == 2


def test_rows_of_a_target_stand_together_and_a_failed_one_says_so(run: Run) -> None:
    result = run("device", "channels", f"{RECORDER},ZZZ,{CAMERA}", "-o", "json")
    targets = list(dict.fromkeys(row["target"] for row in result.json))
    failed = next(row for row in result.json if row["target"] == "ZZZ")
    assert (targets, result.exit_code) == ([RECORDER, "ZZZ", CAMERA], 9)
    assert set(failed) == {"target", "ok", "error"}
    assert (failed["ok"], failed["error"]["target"]) == (False, "ZZZ")
    assert '"target":"ZZZ","code":"' in result.stderr
    assert result.error["kind"] == "partial"


def test_in_other_formats_a_failed_target_is_a_line_on_stderr(run: Run) -> None:
    result = run("device", "info", f"{PANEL},ZZZ", "-o", "csv")
    assert "ZZZ" not in result.stdout
    assert result.stderr.splitlines()[0].startswith("ZZZ: ")


def test_where_all_fail_alike_the_code_is_theirs(run: Run) -> None:
    assert run("device", "info", "ZZY,ZZZ").exit_code == 4


def test_tables_name_the_target_of_each_row(run: Run) -> None:
    lines = run("device", "channels", RECORDER, CAMERA).lines
    assert lines[0].startswith("SERIAL\tCHANNEL\t")
    assert {line.partition("\t")[0] for line in lines[1:]} == {RECORDER, CAMERA}


@pytest.mark.parametrize("more", [(), ("--sort=-employeeNo",)])
def test_a_limit_that_the_verb_has_itself_is_that_of_each_target(run: Run, more: tuple[str, ...]) -> None:
    rows = run("access", "users", "C94115305,C94116001", "--limit", "1", *more, "-o", "json").json
    assert [row["target"] for row in rows] == ["C94115305", "C94116001"]


def test_a_limit_is_that_of_each_target(run: Run) -> None:
    for more in ([], ["--sort=-channelNo"]):
        rows = run("device", "channels", RECORDER, CAMERA, "--limit", "1", *more, "-o", "json").json
        assert sorted(row["target"] for row in rows) == [CAMERA, RECORDER]


def test_rows_of_all_targets_are_counted_together(run: Run) -> None:
    rows = run("device", "channels", RECORDER, CAMERA, "--count-by", "target", "-o", "json").json
    assert {row["target"]: row["count"] for row in rows} == {RECORDER: 8, CAMERA: 1}


@pytest.mark.parametrize(
    "selector",
    [
        ("--category", "panel"),
        ("--pick", "category ~ panel"),
        ("--pick", "category = panel"),
        ("--pick", "CATEGORY = AlarmHost"),
        ("--pick", "model ~ PWA", "--pick", "name != x"),
    ],
)
def test_devices_are_selected_in_place_of_their_serials(run: Run, selector: tuple[str, ...]) -> None:
    rows = run("device", "info", *selector, "-o", "json").json
    assert PANEL in {row["target"] for row in rows}
    assert RECORDER not in {row["target"] for row in rows}


def test_a_site_selects_its_devices(run: Run) -> None:
    serials = run("device", "list", "--site", "Bäckerei Grünwald", "-o", "ids").lines
    rows = run("device", "show", "--site", "Bäckerei Grünwald", "-o", "json").json
    assert [row["target"] for row in rows] == serials


@pytest.mark.parametrize(
    "arguments",
    [
        ("device", "time", PANEL, "--all"),
        ("device", "time", "--all", "--category", "panel"),
        ("device", "time"),
        ("device", "output", "set", PANEL, "1", "high", "--all"),
        ("site", "show"),
        ("device", "pin", "--all"),
        ("device", "show", ","),
        ("device", "show", "--pick", "nme = x"),
    ],
)
def test_two_ways_at_once_and_none_are_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_change_of_many_is_an_array_with_the_part(run: Run) -> None:
    result = run("device", "output", "set", f"{PANEL},ZZZ", "1", "high", "--yes", "-o", "json")
    assert result.exit_code == 9
    assert [(row["target"], row.get("part"), row["ok"]) for row in result.json] == [
        (PANEL, "1", True),
        ("ZZZ", "1", False),
    ]


def test_areas_of_many_panels_are_parts(run: Run) -> None:
    result = run("panel", "disarm", f"{PANEL},Q19323594", "1", "--yes", "-o", "json")
    assert [(row["target"], row["part"]) for row in result.json] == [(PANEL, "1"), ("Q19323594", "1")]


def test_a_selector_takes_the_place_of_the_serial_in_front_of_other_arguments(run: Run) -> None:
    result = run("device", "output", "set", "1", "high", "--category", "panel", "--dry-run", "-o", "json")
    assert result.exit_code in (0, 9), result.stderr
    assert {plan["method"] for plan in result.json} == {"PUT"}
    assert len(result.json) > 1


def test_many_are_asked_about_once_before_anything_is_sent(run: Run) -> None:
    result = run("device", "time", f"{PANEL},{RECORDER}", "--mode", "ntp", "--ntp", "pool.ntp.org")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"Change the clock of 2 devices ({PANEL}, {RECORDER})?" in result.stderr


def test_several_sites_by_name_and_id(run: Run) -> None:
    ids = run("site", "list", "-o", "ids").lines
    rows = run("site", "show", ids[0], "Harbour View Hotel", "-o", "json").json
    assert [row["siteName"] for row in rows][1:] == ["Harbour View Hotel"]
    assert [row["target"] for row in rows] == [row["id"] for row in rows]


def test_a_site_with_a_comma_in_its_name_is_one(run: Run) -> None:
    run("site", "add", "--name", "Müller, Berlin", "--time-zone", "Europe/Berlin")
    alone = run("site", "show", "Müller, Berlin", "-o", "json").json
    both = run("site", "show", "Müller, Berlin", "Harbour View Hotel", "-o", "json").json
    listed = run("site", "show", "Harbour View Hotel,Bäckerei Grünwald", "-o", "json").json
    assert alone["siteName"] == "Müller, Berlin"
    assert [row["siteName"] for row in both] == ["Müller, Berlin", "Harbour View Hotel"]
    assert [row["siteName"] for row in listed] == ["Harbour View Hotel", "Bäckerei Grünwald"]


def test_rows_of_many_sites(run: Run) -> None:
    rows = run("site", "managers", "--all", "-o", "json").json
    assert len({row["target"] for row in rows}) > 1
    assert run("customer", "list", "--pick", "name ~ Grünwald").lines[0].startswith("SITE\tACCOUNT")


@pytest.mark.parametrize(
    ("command", "target"),
    [
        (("device", "otap", "get", "Q10254783,Q19323594", "InfoMgr", "DeviceVersion"), "value"),
        (("device", "otap", "action", "Q10254783,Q19323594", "ZoneMgr", "SearchZoneStatus", "--yes",
          "--data", '{"maxResults": 1}'), "data"),
        (("device", "otap", "profile", "Q10254783,Q19323594"), "productId"),
        (("ptz", "preset", "delete", "G20419934,G20419935", "1", "2", "--yes"), "ok"),
        (("person", "sync", "start", "C94115305,C94116001"), "data"),
        (("device", "isapi", "GET", "/ISAPI/System/time", "Q10254783,Q19323594"), "body"),
        (("health", "report", "Harbour View Hotel,Bäckerei Grünwald"), "siteId"),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_rows_of_several_have_a_target(run: Run, command: tuple[str, ...], target: str) -> None:
    rows = run(*command, "-o", "json").json
    assert len({row["target"] for row in rows}) == 2
    assert all(target in row or row.get("ok") is False for row in rows)
    alone = [word.partition(",")[0] for word in command]
    assert '"target":"' not in run(*alone, "--dry-run", "-o", "json").stdout


def test_devices_and_sites_are_picked_where_a_list_was_named(run: Run) -> None:
    rows = run(
        "device", "isapi", "GET", "/ISAPI/System/time", "--pick", "category = panel", "-o", "json"
    ).json
    assert PANEL in {row["target"] for row in rows}
    assert CAMERA not in {row["target"] for row in rows}
    names = {row["siteName"] for row in run("health", "report", "--pick", "name ~ hotel", "-o", "json").json}
    assert names == {"Harbour View Hotel"}
    assert run("health", "report", "--all", "--pick", "name ~ hotel").exit_code == 2
    assert run("device", "isapi", "GET", "/ISAPI/System/time", PANEL, "--pick", "name ~ x").exit_code == 2
