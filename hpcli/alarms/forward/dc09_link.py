"""The way to a receiver of DC-09: one connection, one frame at a time, its answer, and what silence or a NAK means."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from hpcli.alarms.forward.dc09 import LONGEST_OFFSET, Answer, read_answer
from hpcli.alarms.forward.kind import Address, Setup
from hpcli.alarms.forward.outcome import Outcome, down, refused, retry
from hpcli.alarms.forward.paths import Paths
from hpcli.alarms.forward.silence import TRIES, Silence, Verdict

_MOST_NAKS: Final = 3
_MOST_BYTES: Final = 2048


class Frame(NamedTuple):
    """What tells a frame from others of its account, and how often it was sent before."""

    name: str
    tries: int


@dataclass
class Link:
    """Sends a frame and waits for its answer.

    Args:
        setup: of the output.
        is_udp: datagrams instead of a connection.
        now: the time that frames have.
        steady: seconds that never go back.
    """

    setup: Setup
    is_udp: bool = False
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    steady: Callable[[], float] = time.monotonic
    _silence: Silence = field(init=False)
    _connection: socket.socket | None = None
    _connected: Address | None = None
    _offset: timedelta = timedelta()
    _naks: int = 0

    def __post_init__(self) -> None:
        """Prepare what does not change."""
        self._silence = Silence(Paths(self.setup.to, self.steady), self.setup.seconds, self.steady)

    def seconds_left(self, account: str, frame: Frame) -> float:
        """Return how long a frame has to wait, since another one of its account was not answered."""
        return self._silence.seconds_left(account, frame.name)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._connected = None

    def deliver(self, make: Callable[[datetime], bytes], number: int, account: str, frame: Frame) -> Outcome:
        """Send a frame to the receiver in use; after silence or a failure, to the others.

        Args:
            make: returns the frame for a time of sending.
            number: of the frame; only an answer with it counts.
            account: of the frame, as well.
            frame: tells it from others.
        """
        paths = self._silence.paths_for(account)
        reasons: list[str] = []
        verdict: Verdict | None = None
        has_naks = is_of_one = False
        for address in paths.order():
            answer = self._try(address, make, number, account, TRIES if verdict is Verdict.RECEIVER else 1)
            if isinstance(answer, Answer) and answer.kind != "NAK":
                return self._taken(paths, address, account, answer, is_own=verdict is Verdict.ACCOUNT)
            if isinstance(answer, Answer):
                self._silence.note_answer(address, account)
                has_naks = True
            elif answer is not None:
                verdict, is_of_one = Verdict.RECEIVER, False
            elif paths.is_in_use(address):
                verdict = self._silence.note(address, account, frame.name, frame.tries)
                is_of_one = self._silence.is_of_one(address)
            reasons.append(_reason(address, answer, self.setup.seconds, has_key=bool(self.setup.key)))
            paths.note_failed(address, reasons[-1])
            self.close()
            if verdict is Verdict.AGAIN or (isinstance(answer, Answer) and not self._has_enough_naks()):
                break
        text = "; ".join(reasons)
        if has_naks or verdict in (Verdict.AGAIN, Verdict.ACCOUNT):
            return replace(retry(text), is_soon=verdict is Verdict.AGAIN)
        return replace(down(text), is_of_one=is_of_one)

    def _has_enough_naks(self) -> bool:
        """Return whether a receiver has refused so many frames that another one is tried."""
        if self._naks < _MOST_NAKS:
            return False
        self._naks = 0
        return True

    def _taken(
        self, paths: Paths, address: Address, account: str, answer: Answer, *, is_own: bool
    ) -> Outcome:
        """Note which receiver answers, and say so where that is another one than before."""
        self._silence.note_answer(address, account)
        if answer.kind == "DUH":
            return refused(f"{address.short} cannot use the frame (DUH)")
        self._naks = 0
        if is_own:
            self._silence.divert(account, address)
            self.setup.log(f"sending the account {account} to {address.short} now.")
        elif paths.note_working(address):
            self._silence.join_again(account, address)
            self.setup.log(f"sending to {address.short} now.")
        return self._silence.taken_by(address, account)

    def _try(
        self, address: Address, make: Callable[[datetime], bytes], number: int, account: str, tries: int
    ) -> Answer | OSError | None:
        """Send a frame to a receiver up to some times; None if it stays silent."""
        for _ in range(tries):
            answer = self._exchange(address, make, number, account)
            if answer is not None:
                return answer
        return None

    def _exchange(
        self, address: Address, make: Callable[[datetime], bytes], number: int, account: str
    ) -> Answer | OSError | None:
        """Send a frame and return its answer; after a NAK once more, by the receiver's clock."""
        try:
            answer = self._ask(address, make, number, account)
            if answer is not None and answer.kind == "NAK" and self._take_time(answer):
                answer = self._ask(address, make, number, account)
                self._naks += answer is not None and answer.kind == "NAK"
        except OSError as error:
            self.close()
            return error
        if answer is None:
            self.close()
        return answer

    def _take_time(self, answer: Answer) -> bool:
        """Take over the clock of a receiver that refused a frame; return whether another try makes sense."""
        self._naks += 1
        if answer.moment is None:
            return False
        offset = answer.moment - self.now()
        if abs(offset) > LONGEST_OFFSET:
            return False
        self._offset = offset
        return True

    def _ask(
        self, address: Address, make: Callable[[datetime], bytes], number: int, account: str
    ) -> Answer | None:
        """Send a frame and wait for its answer; None if there is none in time. Raises OSError."""
        is_old = self._connection is not None and self._connected is address
        try:
            answer = self._ask_once(address, make, number, account)
        except OSError:
            if not is_old:
                raise
            self.close()
        else:
            if answer is not None or not is_old or self._connection is not None:
                return answer
        # The receiver closed the connection since the frame before.
        return self._ask_once(address, make, number, account)

    def _ask_once(
        self, address: Address, make: Callable[[datetime], bytes], number: int, account: str
    ) -> Answer | None:
        connection = self._connect(address)
        connection.sendall(make(self.now() + self._offset))
        end = self.steady() + self.setup.seconds
        for part in self._parts(connection, end):
            answer = read_answer(part)
            if answer is None:
                continue
            if answer.kind == "NAK":  # it repeats no number
                return answer
            if answer.number == number and answer.account == account:
                return answer
        return None

    def _parts(self, connection: socket.socket, end: float) -> Iterator[bytes]:
        """Yield what a receiver sends, an answer each, until the time is up."""
        data = b""
        while (left := end - self.steady()) > 0:
            connection.settimeout(left)
            try:
                part = connection.recv(_MOST_BYTES)
            except TimeoutError:
                return
            if not part and not self.is_udp:
                if data:
                    yield data
                self.close()
                return
            if self.is_udp:
                yield part
                continue
            data += part
            while b"\r" in data:
                one, _, data = data.partition(b"\r")
                yield one
            data = data[-_MOST_BYTES:]  # a frame is shorter; the rest is noise

    def _connect(self, address: Address) -> socket.socket:
        """Return the connection to a receiver, whose answers alone count."""
        if self._connection is not None and self._connected is address:
            return self._connection
        self.close()
        where = (address.host, address.port or 0)
        if self.is_udp:
            family, kind, _, _, to = socket.getaddrinfo(*where, type=socket.SOCK_DGRAM)[0]
            connection = socket.socket(family, kind)
            connection.connect(to)
        else:
            connection = socket.create_connection(where, timeout=self.setup.seconds)
        self._connection, self._connected = connection, address
        return connection


def _reason(address: Address, answer: Answer | OSError | None, seconds: float, *, has_key: bool) -> str:
    if isinstance(answer, OSError):
        return f"{address.short} cannot be reached ({answer.strerror or answer})"
    if answer is None:
        return f"{address.short} did not answer within {seconds:g} s"
    key = "it has another key, does not" if has_key else "it expects a key, does not"
    return f"{address.short} refused the frame ({answer.kind}): {key} know the account, or the clocks differ"
