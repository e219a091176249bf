"""Relay lists as drafts of orders: by which words goods are known, whose line is whose, what may be confirmed.

docs/algorithms/relay.md has the worked tables; how a line itself is read is `plays.engine.relay`.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from lintuan.ordering.errors import RelayChanged
from lintuan.ordering.numbers import LETTERS
from lintuan.ordering.types import State, WantedLine
from lintuan.plays.engine.relay import Entry, Good

#: Of one point on one evening there are 0.9 million; whoever guesses is stopped after a few.
CODE_LENGTH = 4
MOST_MISSES = 10
MOST_LETTERS = 20_000
MOST_DRAFTS = 500
LONGEST_NAME = 40
LONGEST_UNREAD = 200

_BRACKETED = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
#: How lines begin, and end, that pages/compose/leader/relay.py wrote for the chat.
_OURS = re.compile(
    r"^\s*(?:【\d+】|#接龙|#Relay|请接：|Reply with a number|请打开链接|Open the link)"
    r"|^\s*(?:接龙已确认 \d|\d+ of \d+ confirmed)"
    r"|(?:共 \d+\.\d\d 元|¥\d+\.\d\d in all)\s*$"
)
_TAIL = re.compile(r"[\u4e00-\u9fff]{3,}$")


class DraftState(StrEnum):
    """An unsettled draft waits for the leader, a ready one for its member; a lapsed one nobody confirmed in time."""

    UNSETTLED = "unsettled"
    READY = "ready"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


WAITING = frozenset({DraftState.UNSETTLED, DraftState.READY})


class Doubt(StrEnum):
    """Why a draft waits for its leader."""

    NOTHING = "nothing"
    UNREAD = "unread"
    UNSURE = "unsure"


class Sold(Struct, frozen=True):
    """An offer of tonight as it is called and counted."""

    offer_id: int
    name: str
    name_en: str = ""
    spec: str = ""
    unit: str = ""


class Named(Struct, frozen=True):
    """A good as the reader knows it; `told` is what the leader's text calls it."""

    told: str
    good: Good


class DraftLine(Struct, frozen=True):
    """Units of an offer in a draft; not sure where the reader was not."""

    offer_id: int
    quantity: int
    is_sure: bool = True


class Known(Struct, frozen=True):
    """A draft that an earlier paste made."""

    id: int
    number: int
    name: str
    fingerprint: str


class DraftView(Struct, frozen=True):
    """A draft with what became of it; `differs` tells that the list has changed since it was confirmed."""

    id: int
    province_id: int
    point_id: int
    sale_on: date
    number: int
    name: str
    code: str
    state: DraftState
    lines: tuple[DraftLine, ...]
    unread: str = ""
    differs: bool = False
    member_id: int = 0
    order_id: int = 0
    order_state: State | None = None

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        return doubts(self.lines, self.unread) if self.state is DraftState.UNSETTLED else ()


class RelayView(Struct, frozen=True):
    """The relay list of a point on one evening, in the order of its numbers."""

    province_id: int
    point_id: int
    sale_on: date
    drafts: tuple[DraftView, ...]

    @property
    def standing(self) -> tuple[DraftView, ...]:
        """Those that nobody took back."""
        return tuple(draft for draft in self.drafts if draft.state is not DraftState.WITHDRAWN)

    @property
    def confirmed(self) -> int:
        return sum(1 for draft in self.standing if draft.state is DraftState.CONFIRMED)


def goods(sold: Sequence[Sold]) -> tuple[Named, ...]:
    """Tonight's offers under every name that means one of them alone; what is called alike has its size behind it."""
    bare = {one.offer_id: _bare(one.name) for one in sold}
    held = Counter(bare.values()) + Counter(f"{bare[one.offer_id]}{one.spec}" for one in sold if one.spec)
    return tuple(_named(one, bare, held) for one in sold)


def without_our_words(text: str) -> str:
    """What people wrote: our own messages, copied along with the list, would be read as wishes of whoever is above."""
    return "\n".join(line for line in text.splitlines() if not _OURS.search(line))


def read_marks(entry: Entry) -> str:
    """What the reader made of a line, so that it is known again unchanged; the number is left out."""
    items = ",".join(f"{item.offer_id}x{item.quantity}{'' if item.is_sure else '?'}" for item in entry.items)
    text = "\n".join((same_name(entry.name), items, entry.unread, "gone" if entry.is_gone else ""))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def same_name(name: str) -> str:
    """A name as it is compared."""
    return "".join(name.split()).casefold()[:LONGEST_NAME]


def match(entries: Sequence[Entry], known: Sequence[Known]) -> list[tuple[Entry, Known | None]]:
    """Each line with the draft it was before, None for a new one: the name says whose it is, the number only helps."""
    found: dict[int, Known] = {}
    left = list(known)
    for is_same in (_nothing_changed, _moved, _reworded, _both):
        for place, entry in enumerate(entries):
            was = next((one for one in left if is_same(entry, one)), None) if place not in found else None
            if was is not None:
                found[place] = was
                left.remove(was)
    return [(entry, found.get(place)) for place, entry in enumerate(entries)]


def lines_of(entry: Entry, *, most_lines: int, most_units: int) -> tuple[DraftLine, ...]:
    """The units that a line wishes; of more than an order may hold one is not sure."""
    return tuple(
        DraftLine(
            item.offer_id, item.quantity, item.is_sure and place < most_lines and 1 <= item.quantity <= most_units
        )
        for place, item in enumerate(entry.items)
    )


def state_of(entry: Entry, lines: Sequence[DraftLine]) -> DraftState:
    if entry.is_gone:
        return DraftState.WITHDRAWN
    return DraftState.UNSETTLED if doubts(lines, entry.unread) else DraftState.READY


def doubts(lines: Sequence[DraftLine], unread: str) -> tuple[Doubt, ...]:
    """What the leader has to settle, none if all was understood."""
    found = []
    if not lines:
        found.append(Doubt.NOTHING)
    if unread:
        found.append(Doubt.UNREAD)
    if not all(line.is_sure for line in lines):
        found.append(Doubt.UNSURE)
    return tuple(found)


def check_within(wanted: Sequence[WantedLine], lines: Iterable[DraftLine]) -> None:
    """Whoever confirms may leave out what cannot be had, and adds nothing."""
    drafted = {line.offer_id: line.quantity for line in lines}
    if any(line.quantity > drafted.get(line.offer_id, 0) for line in wanted):
        raise RelayChanged


def relay_code(below: Callable[[int], int]) -> str:
    """What is pasted beside a name in the chat."""
    return "".join(LETTERS[below(len(LETTERS))] for _ in range(CODE_LENGTH))


def read_relay_code(text: str) -> str:
    """A code however it was typed; what is none is nobody's."""
    return "".join(text.upper().replace("-", " ").split())[: CODE_LENGTH + 1]


def _bare(name: str) -> str:
    return _BRACKETED.sub("", name).strip() or name.strip()


def _named(one: Sold, bare: dict[int, str], held: Counter[str]) -> Named:
    own = bare[one.offer_id]
    if held[own] > 1:
        told = f"{own}{one.spec}"
        return Named(told, Good(one.offer_id, (told,) if held[told] == 1 else (), one.unit))
    others = [name for offer_id, name in bare.items() if offer_id != one.offer_id]
    tail = _TAIL.search(own)
    short = [tail[0][begin:] for begin in range(1, len(tail[0]) - 1)] if tail else []
    alone = [name for name in short if not any(name in other for other in others)]
    names = dict.fromkeys(name for name in (one.name, own, *alone, one.name_en) if name)
    return Named(own, Good(one.offer_id, tuple(names), one.unit))


def _nothing_changed(entry: Entry, one: Known) -> bool:
    return entry.number == one.number and _moved(entry, one)


def _moved(entry: Entry, one: Known) -> bool:
    return bool(entry.name) and _is_of(entry, one) and read_marks(entry) == one.fingerprint


def _reworded(entry: Entry, one: Known) -> bool:
    return entry.number == one.number and _is_of(entry, one)


def _both(entry: Entry, one: Known) -> bool:
    return bool(entry.name) and _is_of(entry, one)


def _is_of(entry: Entry, one: Known) -> bool:
    return same_name(entry.name) == same_name(one.name)
