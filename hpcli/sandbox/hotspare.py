"""Servers that replace each other, and the files that they share (Guide §3.53 to §3.60)."""

from __future__ import annotations

import base64
import secrets
from typing import Any

from werkzeug.wrappers import Response

from hpcli.sandbox.http.calls import Call, download, operation
from hpcli.sandbox.http.envelope import Refused

_HOST = 0
_UNKNOWN = "LAP000003"
_LARGEST_FILE = 2 << 20
_LINK_SECONDS = 600.0


@operation("hotspareAdd")
def add_server(call: Call) -> None:
    """Register a server (§3.53): the host first, each role once."""
    uuid, role = call.body["uuid"], call.body["type"]
    servers = call.store.find("hotspare")
    if role != _HOST and not any(server["type"] == _HOST for server in servers):
        raise Refused("LAP026338")
    if any(role == server["type"] or uuid == server["uuid"] for server in servers):
        raise Refused("LAP026339")
    call.store.put("hotspare", uuid, {"uuid": uuid, "type": role, "last": call.now})


@operation("hotspareGet")
def list_servers(call: Call) -> dict[str, Any]:
    """List the servers (§3.54)."""
    return {"list": [{name: server[name] for name in ("uuid", "type")} for server in _servers(call)]}


@operation("hotspareDelete")
def delete_servers(call: Call) -> None:
    """Remove some servers or all (§3.55)."""
    is_all = call.body["deleteMode"] == "all"
    wanted = [server["uuid"] for server in _servers(call)] if is_all else call.body["list"]
    for uuid in wanted:
        if not call.store.delete("hotspare", uuid):
            raise Refused(_UNKNOWN)


@operation("hotspareHeartbeat")
def take_heartbeat(call: Call) -> dict[str, Any]:
    """Record a heartbeat and return how long ago each server's last one was (§3.56)."""
    server = call.store.get("hotspare", call.body["uuid"])
    if server is None:
        raise Refused(_UNKNOWN)
    call.store.put("hotspare", server["uuid"], {**server, "last": call.now})
    rows = [
        {
            "uuid": row["uuid"],
            "type": row["type"],
            "timeLag": max(0, round((call.now - row["last"]) * 1000)),
        }
        for row in _servers(call)
    ]
    return {"list": rows}


@operation("hotspareFileUpload")
def keep_file(call: Call) -> dict[str, Any]:
    """Store a file of at most 2 MB (§3.57), uploaded as a form with a part named `file`."""
    upload = call.request.files.get("file")
    if upload is None:
        raise Refused("LAP000001", "file (form): is missing.")
    content = upload.read()
    if len(content) > _LARGEST_FILE:
        raise Refused("LAP026341")
    key = f"hotspare/{secrets.token_hex(16)}"
    file = {
        "key": key,
        "lastModifiedTime": round(call.now * 1000),
        "content": base64.b64encode(content).decode(),
    }
    call.store.put("hotfile", key, file)
    return {"key": key}


@operation("hotspareFileDownloadurl")
def link_file(call: Call) -> dict[str, Any]:
    """Return an address of a file that needs no token (§3.58)."""
    if call.store.get("hotfile", call.body["key"]) is None:
        raise Refused(_UNKNOWN)
    link = secrets.token_hex(16)
    call.store.put("hotlink", link, {"key": call.body["key"], "until": call.now + _LINK_SECONDS})
    return {"url": f"{call.base_url}/hotspare/{link}"}


@operation("hotspareFileGet")
def list_files(call: Call) -> dict[str, Any]:
    """List the files (§3.59)."""
    names = ("key", "lastModifiedTime")
    return {"list": [{name: file[name] for name in names} for file in call.store.find("hotfile")]}


@operation("hotspareFileDelete")
def delete_file(call: Call) -> None:
    """Delete a file (§3.60)."""
    if not call.store.delete("hotfile", call.body["key"]):
        raise Refused(_UNKNOWN)


@download("/hotspare/")
def fetch_file(call: Call) -> Response:
    """Return a file by its link."""
    link = call.store.get("hotlink", call.request.path.removeprefix("/hotspare/"))
    file = call.store.get("hotfile", link["key"]) if link and link["until"] > call.now else None
    if file is None:
        return Response("Forbidden", status=403, content_type="text/plain")
    return Response(base64.b64decode(file["content"]), content_type="application/octet-stream")


def _servers(call: Call) -> list[dict[str, Any]]:
    return sorted(call.store.find("hotspare"), key=lambda server: int(server["type"]))
