"""What one call of the platform is: method, path, section of the guide, and what a repeat of it does."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from typing_extensions import TypeVar  # with a default, which Python has from 3.13 on

    Answer_co = TypeVar("Answer_co", covariant=True, default=Any)
else:
    from typing import TypeVar

    Answer_co = TypeVar("Answer_co", covariant=True)

API = "/api/hpcgw/"
_TO_DEVICES = API + "v1/device/transparent/"


class Operation(NamedTuple, Generic[Answer_co]):
    """One call; docs/openapi declares it, hpcli/api/operations has it as a constant.

    Its type parameter is what the call answers, in the documented form: an object, or a list of rows.

    Attributes:
        method: HTTP method.
        path: path on the area domain; `{name}` stands for a path parameter.
        section: where the guide documents it, such as `§3.6`.
        change: it changes something; `--dry-run` prints it instead of sending it.
        asks: a person is asked before it is sent (commands.md, "Asking").
        repeatable: sending it twice does no more than sending it once, so that a call whose answer was
            lost may be sent again; a reading call that is not uses up a small number a day.
        unlimited: it never waits for the call limit (signing in, the alarm queue, stop commands).
        removes: it takes something away, so that what is gone when it is sent again may be gone by the first try.
        may_be_empty: an answer without a body is documented as its success.
        look: the command that shows whether it was done, without `hpcli`; empty where there is none.
    """

    method: str
    path: str
    section: str
    change: bool = False
    asks: bool = False
    repeatable: bool = False
    unlimited: bool = False
    removes: bool = False
    may_be_empty: bool = False
    look: str = ""

    @property
    def is_sent_once(self) -> bool:
        """Whether it reads, but uses up a small number a day: never sent again, and not for `--dry-run`."""
        return not self.change and not self.repeatable

    @property
    def is_for_device(self) -> bool:
        """Whether the platform passes it on to a device as it is (§3.23)."""
        return self.path.startswith(_TO_DEVICES)

    def fill(self, parameters: Mapping[str, str]) -> str:
        """Return the path with its parameters quoted into it."""
        path = self.path
        for name, value in parameters.items():
            path = path.replace("{" + name + "}", quote(value, safe=""))
        return path
