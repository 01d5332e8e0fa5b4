"""The targets that the user named or selected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hpcli.commands.framework.target_context import Target
from hpcli.commands.framework.targets import Targets
from hpcli.errors import HpcliError, UsageError
from hpcli.names import is_site_id
from hpcli.parse import naming, parse_serial
from hpcli.plurals import quantity
from hpcli.reference.codes import in_category
from hpcli.run.context import Context

Row = Mapping[str, Any]


def choose_targets(
    ctx: Context, targets: Targets, words: Sequence[str], chosen: Mapping[str, Any]
) -> list[Target]:
    """Return the targets, each once, in the order of the input.

    Raises:
        UsageError: nothing is named or selected, or both are.
    """
    option = next(iter(chosen), None)
    if option and words:
        raise UsageError(
            f"{option} cannot be used together with named {targets.kind}s.", hint="Choose one of them."
        )
    if option:
        return _selected(ctx, targets, option, chosen[option])
    if not words:
        raise UsageError(
            f"No {targets.kind} is named.", hint=f"Name some, or use one of {', '.join(targets.selectors)}."
        )
    if targets.kind == "site":
        return _sites(ctx, read_sites(ctx, words))
    return [_device(word) for word in read_words(ctx, words, "serial")]


def read_words(ctx: Context, words: Iterable[str], what: str, *, commas: bool = True) -> list[str]:
    """Return what is named: words, parts between commas, and lines of `-` and `@FILE`, which are never split.

    Raises:
        UsageError: a word is empty, or stdin is read twice.
        LocalError: the file cannot be read.
    """
    found: list[str] = []
    for word in words:
        if word == "-" or word.startswith("@"):
            lines = (line for _, line in ctx.inputs.read_lines(word, what))
            found += [line for line in lines if line and line != "#" and not line.startswith("# ")]
            continue
        parts = [part.strip() for part in word.split(",")] if commas else [word.strip()]
        if not any(parts):
            raise UsageError(f"'{word}' names no {what}.")
        found += [part for part in parts if part]
    return list(dict.fromkeys(found))


def _device(word: str) -> Target:
    try:
        return Target(parse_serial(word), word, word)
    except UsageError as error:
        return Target(word, word, word, error)


def read_sites(ctx: Context, words: Sequence[str]) -> list[str]:
    """Return the names of sites; a word with a comma is first tried as a whole name."""
    found: list[str] = []
    for word in words:
        is_list = "," in word and word != "-" and not word.startswith("@")
        is_whole = is_list and not all(is_site_id(part.strip()) for part in word.split(","))
        found += read_words(ctx, [word], "site", commas=is_list and not (is_whole and _is_site(ctx, word)))
    return list(dict.fromkeys(found))


def is_one_site(ctx: Context, words: Sequence[str]) -> bool:
    """Whether one bare site is named, by a name that has a comma."""
    is_word = len(words) == 1 and words[0] != "-" and not words[0].startswith("@")
    return is_word and read_sites(ctx, words) == [words[0].strip()]


def _is_site(ctx: Context, word: str) -> bool:
    from hpcli.client.site import matching_sites

    if ctx.lookups.knows_site(word.strip()):
        return True
    rows = list(ctx.client.site.list(search=word.strip()))
    matches = matching_sites(rows, word.strip())
    if len(matches) == 1:
        ctx.lookups.keep_sites([(word.strip(), matches[0])])
    return bool(matches)


def _sites(ctx: Context, names: Sequence[str]) -> list[Target]:
    """Return the sites; those that are named by id cost no call."""
    unknown = [name for name in names if not is_site_id(name) and not ctx.lookups.knows_site(name)]
    errors: dict[str, HpcliError] = ctx.lookups.find_sites(unknown)
    targets = [
        Target(name, name, name, errors[name])
        if name in errors
        else Target(ctx.lookups.site_id(name), ctx.lookups.site_id(name), ctx.lookups.site_label(name))
        for name in names
    ]
    return list({target.name: target for target in targets}.values())


def _selected(ctx: Context, targets: Targets, option: str, value: Any) -> list[Target]:
    """Return the devices or sites of the account for which the selector holds."""
    conditions: Sequence[str] = value if option == "--pick" else ()
    if targets.kind == "site":
        rows = list(picked(ctx, ctx.client.site.listing().all(), conditions, "site"))
        ctx.lookups.keep_sites((str(row["id"]), row) for row in rows if row.get("id"))
        return [
            Target(str(row["id"]), str(row["id"]), str(row.get("siteName") or row["id"]))
            for row in rows
            if row.get("id")
        ]
    from hpcli.client.known import SERIAL, is_code, is_device_serial

    site_id = ctx.lookups.site_id(value) if option == "--site" else None
    with naming("--category"):
        is_wanted = in_category(value) if option == "--category" else None
    known = ctx.client.device.known(site_id=site_id)
    ctx.lookups.keep_devices(known)
    listed = [row for row in known if is_wanted is None or is_wanted(row)]
    devices = list(picked(ctx, listed, conditions, "device"))
    serials = [str(row["deviceSerial"]) for row in devices if is_device_serial(row.get("deviceSerial"))]
    if not serials:
        known.check_absence(
            "a device that matches",
            SERIAL if is_wanted is None else {**SERIAL, "deviceCategory": is_code},
        )
    if len(serials) < len(devices):
        nameless = quantity(len(devices) - len(serials), "device")
        ctx.warn(f"The platform lists {nameless} without a valid serial, which cannot be asked.")
    return [Target(serial, serial, serial) for serial in dict.fromkeys(serials)]


def picked(ctx: Context, rows: Iterable[Row], conditions: Sequence[str], kind: str) -> Iterable[Row]:
    """Return the rows for which all conditions of --pick hold; see `--where` of the lists.

    Args:
        ctx: the command's context.
        rows: of devices or sites.
        conditions: what --pick says.
        kind: device or site.
    """
    if not conditions:
        return rows
    from hpcli.output.conditions import parse_condition
    from hpcli.output.row_filter import matching

    if kind == "site":
        from hpcli.commands.framework.site_table import SITES

        view = SITES
    else:
        from hpcli.commands.framework.device_table import DEVICES

        view = DEVICES
    wanted = [parse_condition(text, "--pick") for text in conditions]
    left_out = ctx.run.selection.left_out
    return matching(rows, wanted, view, ctx.run.now(), "--pick", left_out=left_out)
