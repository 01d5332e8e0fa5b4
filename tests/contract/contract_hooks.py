"""Tells Schemathesis how the platform refuses: HTTP 200 and an errorCode that is not 0 (Guide §2.2, field notes).

Devices refuse in the same way, with the statusCode of their message (Guide A.5.8, A.5.27). What the platform overlooks
(`hpcli.sandbox.http.leniency`) counts as refused here: the document does not allow it, and the stand-in takes it on
purpose.
"""

import json
import re
from typing import Any

import schemathesis
from jsonschema import Draft202012Validator

from hpcli.reference.document import document
from hpcli.sandbox.http.check import PASSED_ON
from hpcli.sandbox.http.leniency import as_taken, with_components

TOKEN_CODES = ("LAP500002", "LAP500003", "LAP500004", "LAP500005")


DONE = ("0", "1")
_DEVICE_STATUS = re.compile(r"<statusCode>(\d+)</statusCode>|\"statusCode\":\s*(\d+)")


def after_call(_context: Any, case: Any, response: Any) -> None:
    """Give a refusal the HTTP status that Schemathesis looks for."""
    if response.status_code != 200:
        return
    text = response.content.decode("utf-8", "replace")
    code = platform_code(text)
    status = _DEVICE_STATUS.search(text)
    is_refused = code != "0" or (status is not None and (status[1] or status[2]) not in DONE)
    if code in TOKEN_CODES:
        response.status_code = 401
    elif is_refused or is_overlooked(case.operation.path, case.method.lower(), response.request):
        response.status_code = 400


def is_overlooked(template: str, method: str, request: Any) -> bool:
    """Return whether the stand-in took a request although the document does not allow it, as the platform does."""
    operation = document()["paths"][template][method]
    if template.startswith(PASSED_ON):
        is_documented = "format=json" in request.url or "/ISAPI/" not in template
        return not is_documented or (not request.body and "requestBody" in operation)
    if re.search(r"[?&]page(Index|Size)=(-\d|0)", request.url):
        return True
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    try:
        body = json.loads(request.body or "")
    except ValueError:
        return False
    if content is None:
        return False
    validator = Draft202012Validator(with_components(content["schema"]))
    return not validator.is_valid(body) and validator.is_valid(as_taken(content["schema"], body))


def platform_code(text: str) -> str:
    """Return the errorCode of an envelope, "0" where it has none."""
    try:
        answer = json.loads(text)
    except ValueError:
        return "0"
    return str(answer.get("errorCode", "0")) if isinstance(answer, dict) else "0"


schemathesis.hook("after_call")(after_call)
