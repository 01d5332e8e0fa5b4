"""Tells Schemathesis how the platform refuses: HTTP 200 and an errorCode that is not 0 (Guide §2.2, field notes).

Devices refuse in the same way, with the statusCode of their message (Guide A.5.8, A.5.27).
"""

import json
import re
from typing import Any

import schemathesis

TOKEN_CODES = ("LAP500002", "LAP500003", "LAP500004", "LAP500005")


DONE = ("0", "1")
_DEVICE_STATUS = re.compile(r"<statusCode>(\d+)</statusCode>|\"statusCode\":\s*(\d+)")


def after_call(_context: Any, _case: Any, response: Any) -> None:
    """Give a refusal the HTTP status that Schemathesis looks for."""
    if response.status_code != 200:
        return
    text = response.content.decode("utf-8", "replace")
    code = platform_code(text)
    status = _DEVICE_STATUS.search(text)
    if code in TOKEN_CODES:
        response.status_code = 401
    elif code != "0" or (status is not None and (status[1] or status[2]) not in DONE):
        response.status_code = 400


def platform_code(text: str) -> str:
    """Return the errorCode of an envelope, "0" where it has none."""
    try:
        answer = json.loads(text)
    except ValueError:
        return "0"
    return str(answer.get("errorCode", "0")) if isinstance(answer, dict) else "0"


schemathesis.hook("after_call")(after_call)
