from collections import Counter, deque
from enum import StrEnum
from typing import Annotated

import msgspec


class Trouble(StrEnum):
    """What may go wrong with the answer to a request. The first four are before anything was done, the rest after."""

    NONE = "none"
    TOO_OFTEN = "too_often"
    UNAVAILABLE = "unavailable"
    NOT_ENOUGH = "not_enough"
    SERVER_ERROR = "server_error"
    SYSTEM_ERROR = "system_error"
    BAD_SIGNATURE = "bad_signature"
    SILENT = "silent"


class Troubles:
    """Troubles that wait for requests to come, used up in order; ``met`` counts those that were."""

    def __init__(self) -> None:
        self.met: Counter[str] = Counter()
        self._waiting: deque[Trouble] = deque()

    def replace(self, troubles: list[Trouble]) -> None:
        self._waiting = deque(troubles)

    def take(self) -> Trouble:
        trouble = self._waiting.popleft() if self._waiting else Trouble.NONE
        self.met[trouble.value] += 1
        return trouble

    def waiting(self) -> list[Trouble]:
        return list(self._waiting)


class _Asked(msgspec.Struct):
    answers: Annotated[list[Trouble], msgspec.Meta(max_length=10_000)]


def read_troubles(body: bytes) -> list[Trouble]:
    """Read ``{"answers": ["silent", "none", "too_often"]}``."""
    return msgspec.json.decode(body, type=_Asked).answers
