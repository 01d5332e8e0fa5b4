"""A receiver of webhooks that may be killed at any instant; it notes each event on the disk before it acknowledges.

    python webhook_receiver.py PORT FILE

Events of zone 13 are refused with 422, and noted as refused.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REFUSED_ZONE = 13


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        event = json.loads(body)
        is_refused = event["cid"]["zone"] == REFUSED_ZONE
        noted = {
            "id": event["id"],
            "webhook": self.headers["webhook-id"],
            "device": event["device"],
            "refused": is_refused,
            "redelivered": event["redelivered"],
        }
        os.write(OUT, json.dumps(noted).encode() + b"\n")  # one write: whole or not at all
        self.send_response(422 if is_refused else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def handle(self) -> None:
        with suppress(OSError, ValueError):  # the other side was killed in the middle
            super().handle()

    def log_message(self, *_arguments: object) -> None:
        pass


if __name__ == "__main__":
    OUT = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    ThreadingHTTPServer.request_queue_size = 64
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever(0.01)
