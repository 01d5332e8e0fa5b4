"""A platform with one device, where the test sets every clock: the device's message, the zone of its site, the Date."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SERIAL = "Q10254783"
_DONE = (
    '<ResponseStatus version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">'
    "<requestURL>/ISAPI/System/time</requestURL><statusCode>1</statusCode><statusString>OK</statusString>"
    "<subStatusCode>ok</subStatusCode></ResponseStatus>"
)


@dataclass
class ClockPlatform:
    """What the platform and its device say.

    Attributes:
        time: the content of the device's XML_Time.
        site_zone: number of the site's zone.
        date: the platform's time, None for answers without a Date header.
        set: the messages that set the clock.
    """

    time: str
    site_zone: str | None = "200"
    date: datetime | None = None
    set: list[str] = field(default_factory=list)
    address: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """Variables that point the command to it."""
        return {
            "HPCLI_BASE_URL": self.address,
            "HPCLI_APP_KEY": "app-key-of-a-test",
            "HPCLI_SECRET_KEY": "secret-of-a-test",
        }

    def answer(self, method: str, path: str, body: str) -> str:
        """Return the body of an answer."""
        if path.endswith("/ISAPI/System/time"):
            if method == "PUT":
                self.set.append(body)
                return _DONE
            return f'<Time version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">{self.time}</Time>'
        data: dict[str, Any] = {
            "page": 1,
            "pageSize": 100,
            "total": 1,
            "totalPage": 1,
            "rows": [{"id": "1", "deviceSerial": SERIAL, "deviceName": "Panel", "timeZone": self.site_zone}],
        }
        if "token" in path:
            data = {"accessToken": "token", "expireTime": 4_000_000_000_000, "areaDomain": self.address}
        return json.dumps({"errorCode": "0", "data": data})


@contextlib.contextmanager
def serving_clock(platform: ClockPlatform) -> Iterator[ClockPlatform]:
    """Serve a platform until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            content = platform.answer(self.command, self.path.partition("?")[0], body).encode()
            self.send_response_only(200)
            if platform.date:
                self.send_header("Date", format_datetime(platform.date, usegmt=True))
            is_xml = content.startswith(b"<")
            self.send_header("Content-Type", "application/xml" if is_xml else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST  # noqa: N815 - the names that http.server calls

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    platform.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
