"""The outcome of each target of a change."""

from typing import Any, NamedTuple

from hpcli.output.table_spec import Column, View


class Outcome(NamedTuple):
    """The outcome of one target of a change.

    Args:
        target: the identifier that `-o ids` prints.
        ok: whether the change succeeded.
        data: the platform's answer, if any.
        error: `HpcliError.as_dict()` of the error.
        new_id: the identifier of a new object (`site add`); table and plain print nothing else.
        part: the area, zone or output of the target, where several targets are changed.
    """

    target: str
    ok: bool
    data: Any = None
    error: dict[str, Any] | None = None
    new_id: str | None = None
    part: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: target, part if there is one, ok, data, error."""
        part = {} if self.part is None else {"part": self.part}
        return {"target": self.target, **part, "ok": self.ok, "data": self.data, "error": self.error}


_ERROR_FIELDS = tuple(
    f"error.{name}"
    for name in ("code", "message", "platformMessage", "hint", "kind", "httpStatus", "exitCode", "target")
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
    fields=lambda: ("target", "part", "ok", "data", "error", *_ERROR_FIELDS),
)
