"""Signing in: `token/get` and the check of the Bearer token (Guide §2.2, §3.1)."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any

from hpcli.sandbox import APP_KEY, SECRET_KEY
from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.envelope import Refused
from hpcli.sandbox.state.store import Store

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

_BEARER = re.compile(r"Bearer ([A-Za-z0-9._~+/=-]+)")


@operation("tokenGet")
def get_token(call: Call) -> dict[str, Any]:
    """Return a token for a key pair (§3.1); LAP300001 unknown key, LAP300002 wrong secret."""
    if call.body["appKey"] != APP_KEY:
        raise Refused("LAP300001")
    if call.body["secretKey"] != SECRET_KEY:
        raise Refused("LAP300002")
    token = "hpc." + secrets.token_hex(16)
    expires = call.now + call.settings.token_seconds
    call.store.put("token", token, {"expires": expires})
    return {"accessToken": token, "expireTime": int(expires * 1000), "areaDomain": call.base_url}


def check_token(store: Store, request: Request, now: float) -> None:
    """Check the Authorization header.

    Raises:
        Refused: LAP500002 empty, LAP500003 malformed, LAP500004 expired or unknown.
    """
    header = request.headers.get("Authorization", "").strip()
    if header in ("", "Bearer"):
        raise Refused("LAP500002")
    found = _BEARER.fullmatch(header)
    if found is None:
        raise Refused("LAP500003")
    token = store.get("token", found[1])
    if token is None or token["expires"] <= now:
        raise Refused("LAP500004")
