"""The employees of the account (Guide §3.2)."""

from typing import Any

from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.envelope import page_data


@operation("installersSearch")
def search_installers(call: Call) -> dict[str, Any]:
    """List employees whose name, e-mail address or phone number contains the search text (§3.2)."""
    number, size = call.page()
    rows, total = call.store.part(call.store.search("installer", call.body.get("search", "")), number, size)
    return page_data(rows, total, number, size)
