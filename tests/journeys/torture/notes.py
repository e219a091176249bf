"""What the neighbours remember: each wish with its key, and every answer that came to it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

NO_ANSWER = 0


@dataclass(frozen=True)
class Answer:
    """What came back for one request; status 0 when nothing did."""

    status: int
    media_type: str
    body: bytes
    retry_after: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.status} {self.code}".strip() if self.status != NO_ANSWER else "none"

    @cached_property
    def document(self) -> dict[str, Any]:
        """Empty where the body is no JSON object."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def code(self) -> str:
        """The machine-readable name of a problem document."""
        return str(self.document.get("code", "")) if self.is_problem else ""

    @property
    def is_problem(self) -> bool:
        return self.media_type == "application/problem+json" and self.document.get("status") == self.status

    @property
    def is_final(self) -> bool:
        """Whether asking again with the same key would be of no use."""
        return self.status == 201 or (400 <= self.status < 500 and self.status not in (408, 429))


@dataclass(slots=True)
class Wish:
    """An order that a neighbour wants, under a key of its own."""

    member: int
    key: str
    body: bytes
    answers: list[Answer] = field(default_factory=list)
    is_paid: bool = False

    @property
    def wanted(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.body)
        return found

    @property
    def is_settled(self) -> bool:
        return any(answer.is_final for answer in self.answers)

    @property
    def orders(self) -> list[Mapping[str, Any]]:
        """The order as each success told it."""
        return [answer.document for answer in self.answers if answer.status == 201]

    @property
    def order(self) -> Mapping[str, Any]:
        return self.orders[0]

    def __str__(self) -> str:
        return f"key {self.key} of member {self.member} (answers: {', '.join(map(str, self.answers))})"


@dataclass(slots=True)
class Notes:
    """The wishes of one evening."""

    wishes: list[Wish] = field(default_factory=list)
    placed: int = 0
    #: Orders that nobody was told of, each reported by the trial that left it.
    unasked: set[int] = field(default_factory=set)

    def add(self, wish: Wish) -> Wish:
        self.wishes.append(wish)
        return wish

    def note(self, wish: Wish, answer: Answer) -> None:
        is_first = not wish.orders
        wish.answers.append(answer)
        self.placed += is_first and answer.status == 201

    def since(self, place: int) -> Notes:
        """Those from one place in the list on."""
        later = self.wishes[place:]
        return Notes(later, sum(bool(wish.orders) for wish in later))

    def successes(self) -> Iterator[Wish]:
        return (wish for wish in self.wishes if wish.orders)

    def unsettled(self) -> list[Wish]:
        return [wish for wish in self.wishes if not wish.is_settled]

    def statuses(self) -> Counter[str]:
        """How often each kind of answer came, such as "201", "409 sold_out", "none"."""
        return Counter(str(answer) for wish in self.wishes for answer in wish.answers)


def slowest(answers: Iterable[Answer], share: float = 1.0) -> float:
    """Seconds within which that share of the answers came."""
    times = sorted(answer.seconds for answer in answers)
    return times[min(len(times) - 1, int(len(times) * share))] if times else 0.0
