"""Makes `hpcli/completion/tree.json`: every command, its options and arguments, and what completes them."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator, Mapping
from typing import Any

from typer.core import TyperGroup, TyperOption

from hpcli.alarms.event.types import EVENT_TYPES
from hpcli.client.device.otap import USER_TYPES
from hpcli.commands.completion import SCRIPTS
from hpcli.commands.framework.root import build_root
from hpcli.commands.framework.verb import Verb
from hpcli.commands.help.topics import TOPICS
from hpcli.commands.registry import FAMILIES
from hpcli.completion.values import SOURCES
from hpcli.output import View
from hpcli.output.outcome_table import OUTCOMES
from hpcli.reference.categories import CATEGORIES
from hpcli.reference.codes import code_list, code_list_names
from hpcli.reference.document import answer_fields
from hpcli.reference.platform_errors import platform_errors
from hpcli.reference.timezones import TimeZone, time_zone_of, time_zones
from hpcli.run.settings import COMMON, Setting
from hpcli.sandbox.control import event_names

Node = dict[str, Any]

BY_METAVAR = {
    "SITE": "site",
    "SERIAL": "device",
    "DEVICE": "device",
    "ACCOUNT": "customer",
    "OLD": "customer",
    "PERSON": "person",
    "EMPLOYEE_NO": "employee",
    "FILE": "files",
    "FILE.jpg": "files",
    "PATH": "files",
    "DIR": "directories",
    "TZ": "list:time-zones",
    "TYPE": "list:event-types",
    "TOPIC": "list:topics",
    "SHELL": "list:shells",
    "CODE": "list:codes",
    "LEVEL": "list:user-levels",
    "REGION": "list:regions",
    "METHOD": "list:methods",
    "ID[=UNTIL]": "installer",
    "-|@FILE": "files",
    "@FILE": "files",
    "URI": "list:isapi-uris",
    "CATEGORY": "list:deviceCategory",
}
"""What a value's name in the help says about it, for all commands."""

BY_PLACE = {
    ("auth use", "NAME"): "profile",
    ("config get", "KEY"): "config-key",
    ("config set", "KEY"): "config-key",
    ("config set", "VALUE"): "config-value",
    **{(f"alarms forward {verb}", "NAME"): "output" for verb in ("check", "remove", "test", "retry", "run")},
    ("person add", "TYPE"): "list:personType",
    ("person update", "TYPE"): "list:personType",
    ("person update", "ID"): "person",
    ("person delete", "ID"): "person",
    ("access grant", "ID"): "person",
    ("access revoke", "ID"): "person",
    ("alarms history", "CATEGORY"): "list:event-categories",
    ("api", "METHOD] PATH"): "list:api-paths",
    ("sandbox trigger", "TYPE"): "list:sandbox-events",
    ("sandbox trigger", "KIND"): "list:pictures",
    ("sandbox serve", "KIND=SHARE"): "",
    **{
        (f"device otap {verb}", name): complete
        for verb in ("get", "set", "get-direct", "set-direct", "action", "table")
        for name, complete in (
            ("CATEGORY", ""),
            ("KIND", "list:user-types"),
            ("DOMAIN", "otap-domain"),
            ("PROPERTY", "otap-property"),
            ("ACTION", "otap-action"),
        )
    },
}
"""Exceptions, by command and the value's name."""

BY_FAMILY = {("panel", "SERIAL"): "panel", ("access", "SERIAL"): "door-device"}
"""What a value's name says within one family."""

_SHOWING = ("List", "Show", "Send", "Ask", "Read", "Follow", "Get", "Print", "Make")

FORMATS = (
    ("table", "aligned columns; the default on a terminal"),
    ("plain", "the same columns with tabs, nothing cut; the default elsewhere"),
    ("json", "one array or object, all fields"),
    ("ndjson", "one JSON object a line"),
    ("csv", "for spreadsheets (RFC 4180)"),
    ("ids", "one identifier a line"),
)


def make_tree() -> str:
    """Return the content of `tree.json`."""
    lists = dict(_lists())
    root = build_root()
    ctx = root.context_class(root, info_name="hpcli")
    tree = {
        "options": [
            *(_common(setting) for setting in COMMON),
            {"flags": ["-h", "--help"], "help": "show the help and exit"},
        ],
        "members": {
            name: _member(root, ctx, name, (name,), FAMILIES[name].summary, lists) for name in FAMILIES
        },
    }
    used = {line["complete"].removeprefix("list:") for line in _values_of(tree) if line.get("complete")}
    return _compact({"lists": {name: lists[name] for name in sorted(used & set(lists))}, **tree})


def _compact(tree: Node) -> str:
    """Return JSON with one list, option or command a line, so that a change shows as one."""
    lists = ",\n".join(
        f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in tree["lists"].items()
    )
    options = ",\n".join(json.dumps(option, ensure_ascii=False) for option in tree["options"])
    return (
        f'{{"lists": {{\n{lists}\n}},\n"options": [\n{options}\n],\n'
        f'"members": {{\n{_compact_members(tree["members"])}\n}}}}\n'
    )


def _compact_members(members: Mapping[str, Node]) -> str:
    lines = []
    for name, node in members.items():
        if "members" in node:
            inner = _compact_members(node["members"])
            summary = json.dumps(node["summary"], ensure_ascii=False)
            lines.append(f'{json.dumps(name)}: {{"summary": {summary}, "members": {{\n{inner}\n}}}}')
        else:
            lines.append(f"{json.dumps(name)}: {json.dumps(node, ensure_ascii=False)}")
    return ",\n".join(lines)


def _member(
    group: TyperGroup, ctx: Any, name: str, names: tuple[str, ...], summary: str, lists: dict[str, Any]
) -> Node:
    command = group.get_command(ctx, name)
    if isinstance(command, TyperGroup):
        members = {
            inner: _member(command, ctx, inner, (*names, inner), "", lists)
            for inner in command.list_commands(ctx)
        }
        return {"summary": summary or (command.help or "").partition("\n")[0], "members": members}
    assert isinstance(command, Verb)
    where = " ".join(names)
    fields = _fields(command)
    if fields:
        lists[f"fields:{where}"] = [[field, ""] for field in fields]
    node: Node = {"summary": summary or (command.help or "").partition("\n")[0]}
    options = [
        _option(p, where, lists) for p in command.params if isinstance(p, TyperOption) and not p.hidden
    ]
    if fields:
        options.append(
            {**_common(next(s for s in COMMON if s.key == "fields")), "complete": f"list:fields:{where}"}
        )
    arguments = [_argument(p, where, lists) for p in command.params if p.param_type_name == "argument"]
    return node | ({"options": options} if options else {}) | ({"arguments": arguments} if arguments else {})


def _common(setting: Setting) -> Node:
    complete = {"profile": "profile", "output": "list:formats", "color": "list:colors"}.get(setting.key)
    return (
        {"flags": list(setting.flags), "help": setting.help}
        | ({} if setting.is_switch else {"value": setting.metavar})
        | ({"complete": complete} if complete else {})
    )


def _option(parameter: TyperOption, where: str, lists: dict[str, Any]) -> Node:
    node: Node = {
        "flags": [*parameter.opts, *parameter.secondary_opts],
        "help": (parameter.help or "").rstrip("."),
    }
    if parameter.is_flag:
        return node
    node["value"] = parameter.metavar or parameter.type.name.upper()
    return node | _completion(parameter, where, str(node["value"]), lists)


def _argument(parameter: Any, where: str, lists: dict[str, Any]) -> Node:
    name = parameter.metavar or str(parameter.name).upper()
    return {"name": name} | _completion(parameter, where, name.strip("[]").removesuffix("..."), lists)


def _completion(parameter: Any, where: str, name: str, lists: dict[str, Any]) -> Node:
    several = {"several": True} if getattr(parameter, "multiple", False) or parameter.nargs == -1 else {}
    complete = BY_PLACE.get((where, name))
    if complete is None:
        items = [(item.value, item.help or "") for item in parameter.shell_complete(None, "")]
        by_name = BY_FAMILY.get((where.partition(" ")[0], name), BY_METAVAR.get(name, ""))
        complete = _name_list(items, f"{where} {name}", lists) if items else by_name
    assert complete.removeprefix("list:") in {*lists, *SOURCES, "files", "directories", ""}, (where, complete)
    return several | ({"complete": complete} if complete else {})


def _name_list(items: list[tuple[str, str]], where: str, lists: dict[str, Any]) -> str:
    """Return the list with these values: a code list, which has descriptions, or a new one."""
    values = [value for value, _ in items]
    for name in code_list_names():
        if [code.name for code in code_list(name).codes] == values:
            return f"list:{name}"
    lists[where] = [list(item) for item in items]
    return f"list:{where}"


def _zone_word(zone: TimeZone) -> str:
    """Return the IANA name, or the number where the name leads to another row (Volgograd)."""
    return zone.iana if zone.iana and time_zone_of(zone.iana) == zone else str(zone.number)


def _lists() -> Iterator[tuple[str, list[list[str]]]]:
    for name in code_list_names():
        codes = code_list(name).codes
        yield name, [[code.name, code.meaning or code.label] for code in codes if code.value is not None]
    yield "formats", [list(pair) for pair in FORMATS]
    yield "colors", [["auto", "on a terminal"], ["always", ""], ["never", ""]]
    yield (
        "time-zones",
        [[_zone_word(zone), f"{zone.offset} {zone.name}"] for zone in time_zones()],
    )
    yield "event-types", [[kind.type, kind.meaning] for kind in EVENT_TYPES]
    yield "topics", [[name, topic.summary] for name, topic in TOPICS.items()]
    yield "shells", [[name, ""] for name in SCRIPTS]
    yield "codes", [[entry.code, entry.description] for entry in platform_errors().values()]
    yield "user-levels", [["installer", "rights of an installer"], ["admin", "rights of an administrator"]]
    yield "regions", [["general", "api.hik-partner.com"], ["russia", "api.hik-partnerru.com"]]
    yield "methods", [["GET", "read"], ["PUT", "change"], ["POST", "search or add"], ["DELETE", "delete"]]
    yield "user-types", [[kind, ""] for kind in USER_TYPES]
    yield "event-categories", [[category, ""] for category in CATEGORIES]
    yield "sandbox-events", [[name, ""] for name in event_names()]
    yield "isapi-uris", [list(pair) for pair in _isapi_uris()]
    yield "pictures", [[kind, ""] for kind in ("none", "plain", "platform", "device")]
    yield "api-paths", [list(pair) for pair in _api_paths()]


def _api_paths() -> Iterator[tuple[str, str]]:
    from hpcli.reference.document import document

    for path, item in document()["paths"].items():
        if "{" not in path and "ISAPI" not in path:
            summaries = [
                operation.get("summary", "") for operation in item.values() if isinstance(operation, dict)
            ]
            yield path.removeprefix("/api/hpcgw/"), summaries[0] if summaries else ""


def _isapi_uris() -> Iterator[tuple[str, str]]:
    from hpcli.reference.document import document

    for path, item in document()["paths"].items():
        _, found, uri = path.partition("/ISAPI/")
        if found and "{" not in uri:
            methods = ", ".join(
                method.upper() for method in item if method in ("get", "put", "post", "delete")
            )
            yield found + uri, methods


def _fields(command: Verb) -> tuple[str, ...]:
    """Return the names that --fields of a command takes: those of the view its function shows."""
    if any(call.change for call in command.calls) and (command.help or "").split()[0] not in _SHOWING:
        return tuple(OUTCOMES.fields()) if OUTCOMES.fields else ()
    views = list(_views(command.callback, 3))
    for view in views:
        if view.fields is not None:
            return tuple(view.fields())
    for call in command.calls:
        if not call.change and "{" not in call.path:
            return answer_fields(call.method, call.path)
    return ()


def _views(function: Any, depth: int) -> Iterator[View]:
    """Yield the views that a function, or one it calls, names."""
    function = getattr(function, "__wrapped__", function)
    if not isinstance(function, types.FunctionType) or depth == 0:
        return
    named = [function.__globals__.get(name) for name in function.__code__.co_names]
    yield from (value for value in named if isinstance(value, View))
    for value in named:
        if isinstance(value, types.FunctionType) and value.__module__.startswith("hpcli.commands"):
            yield from _views(value, depth - 1)


def _values_of(node: Node) -> Iterator[Node]:
    yield from node.get("options", ())
    yield from node.get("arguments", ())
    for member in node.get("members", {}).values():
        yield from _values_of(member)
