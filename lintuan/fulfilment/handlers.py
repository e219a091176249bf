"""What fulfilment does when a member is forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from lintuan.kernel.events import Recorded, consumer
from lintuan.members.events import MemberForgotten

from .commands.photos import forget_photos_of


@consumer("fulfilment.photos", MemberForgotten)
def forget_photos(events: Sequence[Recorded]) -> None:
    """Their claims stay in the books, their pictures do not."""
    for recorded in events:
        if isinstance(recorded.event, MemberForgotten):
            forget_photos_of(recorded.event.province_id, recorded.event.member_id)
