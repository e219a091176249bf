"""Who is in which arm of a trial: whole leaders, by a keyed hash, evenly within each group type.

A leader's members see each other's offers, so a leader is in one arm with all of them. Within a group type leaders are
dealt out in blocks that hold each arm once, in an order that the key decides; who came first is decided by the key too
where several come at once. What was logged stays: latecomers fill the last block.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated

from msgspec import Meta, Struct

#: The arm in which nothing is changed; no play can have such a code.
AS_NOW = "as now"


class Trial(Struct, frozen=True):
    """A question put to leaders; the first arm is what it is compared with. Each is as likely as any other."""

    code: Annotated[str, Meta(min_length=1)]
    arms: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.arms) < 2 or len(set(self.arms)) < len(self.arms):
            raise ValueError("a trial has two arms or more, each once")


class Assigned(Struct, frozen=True):
    """The log of one leader in a trial; `place` counts those of the group type from 0 on, each taken once."""

    leader: int
    group_type: str
    place: int
    arm: str
    propensity: float


def assign(trial: Trial, leaders: Mapping[int, str], logged: Iterable[Assigned], *, key: bytes) -> tuple[Assigned, ...]:
    """The arms of leaders (with their group types) that have none in the log yet."""
    if not key:
        raise ValueError("who may guess the key may guess the arms")
    known = list(logged)
    taken = Counter(one.group_type for one in known)
    new = leaders.keys() - {one.leader for one in known}
    assigned = []
    for leader in sorted(new, key=lambda leader: (_hash(key, trial, "leader", leader), leader)):
        group_type = leaders[leader]
        place = taken[group_type]
        taken[group_type] += 1
        arm = arm_at(trial, group_type, place, key=key)
        assigned.append(Assigned(leader, group_type, place, arm, 1 / len(trial.arms)))
    return tuple(assigned)


def arm_at(trial: Trial, group_type: str, place: int, *, key: bytes) -> str:
    """The arm that a place has: anybody with the key can check the log by it."""
    block, within = divmod(place, len(trial.arms))
    return sorted(trial.arms, key=lambda arm: _hash(key, trial, "block", group_type, block, arm))[within]


def _hash(key: bytes, trial: Trial, *parts: object) -> bytes:
    # The lengths keep `a:b` and `c` apart from `a` and `b:c`.
    words = "".join(f"{len(word)}:{word}" for word in (trial.code, *map(str, parts)))
    return hmac.digest(key, words.encode(), "sha256")
