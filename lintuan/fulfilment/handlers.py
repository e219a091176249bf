"""What fulfilment does when a member is forgotten, and what it tells plays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.events import Recorded, consumer
from lintuan.members.events import MemberForgotten
from lintuan.plays.commands import note_harm

from .commands.photos import forget_photos_of
from .events import ClaimOpened


@consumer("fulfilment.photos", MemberForgotten)
def forget_photos(events: Sequence[Recorded]) -> None:
    """Their claims stay in the books, their pictures do not."""
    for recorded in events:
        if isinstance(recorded.event, MemberForgotten):
            forget_photos_of(recorded.event.province_id, recorded.event.member_id)


@consumer("fulfilment.harm", ClaimOpened)
def tell_plays(events: Sequence[Recorded]) -> None:
    """Let plays know of which orders somebody complained: a play that brings complaints is not offered again."""
    orders: dict[int, set[int]] = defaultdict(set)
    for recorded in events:
        if isinstance(recorded.event, ClaimOpened):
            orders[recorded.event.province_id].add(recorded.event.order_id)
    for province_id, order_ids in orders.items():
        note_harm(SYSTEM, province_id=province_id, guard="claims", order_ids=tuple(sorted(order_ids)))
