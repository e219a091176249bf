from collections import Counter, deque
from enum import StrEnum
from typing import Annotated

import msgspec


class Mode(StrEnum):
    """What may go wrong with a callback; each but NEVER is honest again when the callback is repeated.

    PROBE is the platform's own test of merchants, a signature that none may accept; BY_CERTIFICATE is no fault at all,
    but signed by the other of the platform's keys, as it does while merchants move from certificate to public key.
    """

    NONE = "none"
    DUPLICATE = "duplicate"
    NEVER = "never"
    DELAY = "delay"
    OUT_OF_ORDER = "out_of_order"
    BAD_SIGNATURE = "bad_signature"
    STALE_TIMESTAMP = "stale_timestamp"
    WRONG_AMOUNT = "wrong_amount"
    PROBE = "probe"
    BY_CERTIFICATE = "by_certificate"


class AnswerMode(StrEnum):
    """What may go wrong with an answer. REFUSE, BAD_GATEWAY and SILENT do nothing of what was asked, others do it."""

    NONE = "none"
    REFUSE = "refuse"
    BAD_GATEWAY = "bad_gateway"
    SILENT = "silent"
    DONE_THEN_SILENT = "done_then_silent"
    DONE_THEN_ERROR = "done_then_error"
    SLOW = "slow"
    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad_signature"
    STALE_TIMESTAMP = "stale_timestamp"


class Fault(msgspec.Struct, frozen=True):
    """A fault for one callback; ``calls`` is how many later callbacks overtake a delayed one."""

    mode: Mode
    calls: int = 1


class AnswerFault(msgspec.Struct, frozen=True):
    """A fault for one answer to the calls named by ``on`` (any, where that is empty).

    ``code`` is the error of a REFUSE, ``seconds`` how long a SLOW answer takes.
    """

    mode: AnswerMode
    on: str = ""
    code: str = "SYSTEM_ERROR"
    seconds: Annotated[float, msgspec.Meta(ge=0, le=600)] = 1.0


HONEST = AnswerFault(AnswerMode.NONE)


class Faults:
    """Faults that wait for the callbacks to come, used up in order; ``met`` counts those that were."""

    def __init__(self) -> None:
        self.met: Counter[str] = Counter()
        self._waiting: deque[Fault] = deque()

    def replace(self, faults: list[Fault]) -> None:
        self._waiting = deque(faults)

    def take(self) -> Fault:
        fault = self._waiting.popleft() if self._waiting else Fault(Mode.NONE)
        self.met[fault.mode.value] += 1
        return fault

    def waiting(self) -> list[Fault]:
        return list(self._waiting)


class AnswerFaults:
    """Faults that wait for calls; each call takes the first that is meant for it, and ``met`` counts them."""

    def __init__(self) -> None:
        self.met: Counter[str] = Counter()
        self._waiting: list[AnswerFault] = []

    def replace(self, faults: list[AnswerFault]) -> None:
        self._waiting = list(faults)

    def take(self, call: str) -> AnswerFault:
        fault = self._next(call)
        self.met[fault.mode.value] += 1
        return fault

    def waiting(self) -> list[AnswerFault]:
        return list(self._waiting)

    def _next(self, call: str) -> AnswerFault:
        for place, fault in enumerate(self._waiting):
            if fault.on in ("", call):
                return self._waiting.pop(place)
        return HONEST


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    modes: Annotated[list[Mode | Fault], msgspec.Meta(max_length=10_000)] | None = None
    answers: Annotated[list[AnswerMode | AnswerFault], msgspec.Meta(max_length=10_000)] | None = None

    def faults(self) -> list[Fault] | None:
        if self.modes is None:
            return None
        return [item if isinstance(item, Fault) else Fault(item) for item in self.modes]

    def answer_faults(self) -> list[AnswerFault] | None:
        if self.answers is None:
            return None
        return [item if isinstance(item, AnswerFault) else AnswerFault(item) for item in self.answers]


def read_faults(body: bytes) -> Asked:
    """Read ``{"modes": ["duplicate", {"mode": "delay", "calls": 3}], "answers": [{"mode": "slow", "on": "bill"}]}``."""
    return msgspec.json.decode(body, type=Asked)
