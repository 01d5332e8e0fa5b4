"""What became of each target of a change."""

from dataclasses import dataclass
from typing import Any

from hpcli.output.table_spec import Column, View


@dataclass(frozen=True, slots=True)
class Outcome:
    """One target of a change and what became of it.

    Args:
        target: the identifier as `-o ids` prints it.
        ok: whether it is done.
        data: what the platform answered, if anything.
        error: `HpcliError.as_dict()` of what went wrong.
        new_id: the identifier of what the change made (`site add`); the one thing table and plain print.
    """

    target: str
    ok: bool
    data: Any = None
    error: dict[str, Any] | None = None
    new_id: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: target, ok, data, error."""
        return {"target": self.target, "ok": self.ok, "data": self.data, "error": self.error}


_ERROR_FIELDS = tuple(
    f"error.{name}"
    for name in ("code", "message", "platformMessage", "hint", "kind", "httpStatus", "exitCode")
)

OUTCOMES = View(
    noun="result",
    id="target",
    columns=(
        Column("target", "target"),
        Column("ok", "ok"),
        Column("code", "error.code"),
        Column("error", "error.message"),
    ),
    fields=lambda: ("target", "ok", "data", "error", *_ERROR_FIELDS),
)
