"""What plays do when another play gives tickets, and when a member is forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from lintuan.kernel.events import Recorded, consumer
from lintuan.members.events import MemberForgotten

from .commands.hearing import hear_among, withdraw_where
from .commands.learning import take_up
from .events import CampaignStarted, RewardTaken, TicketsGiven
from .marking import cut_loose
from .models import CodeTries, Companion, Grant, Side
from .outcomes import local_day
from .playbook import live_campaigns
from .types import GrantState, Happening


@consumer("plays.tickets", TicketsGiven, RewardTaken)
def count_tickets(events: Sequence[Recorded]) -> None:
    """Tickets that one play gives of another count there, and go when they are taken back."""
    for recorded in events:
        event = recorded.event
        if isinstance(event, TicketsGiven):
            _count(event, recorded)
        elif isinstance(event, RewardTaken) and event.kind == "chance":
            withdraw_where(event.province_id, "key = %s", [_key(event.grant_id)])


@consumer("plays.offers", CampaignStarted)
def note_what_was_taken(events: Sequence[Recorded]) -> None:
    """What a leader starts of what they were offered is learnt from."""
    for recorded in events:
        event = recorded.event
        if isinstance(event, CampaignStarted) and event.leader_id:
            take_up(event, local_day(event.province_id, recorded.at))


@consumer("plays.forgotten", MemberForgotten)
def forget(events: Sequence[Recorded]) -> None:
    """Whoever is forgotten has nothing in hand any more; what was counted stays as numbers."""
    for recorded in events:
        event = recorded.event
        if isinstance(event, MemberForgotten):
            of_member = {"province_id": event.province_id, "member_id": event.member_id}
            Side.objects.filter(**of_member).delete()
            Companion.objects.filter(**of_member).delete()
            CodeTries.objects.filter(**of_member).delete()
            cut_loose(event.province_id, event.member_id)
            in_hand = Grant.objects.filter(**of_member, state__in=(GrantState.GIVEN.value, GrantState.HELD.value))
            in_hand.update(state=GrantState.LAPSED.value)


def _count(event: TicketsGiven, recorded: Recorded) -> None:
    live = live_campaigns(event.province_id).values()
    targets = {campaign.id: campaign for campaign in live if campaign.definition.code == event.play}
    happening = Happening(
        key=_key(event.grant_id),
        kind="redeemed",
        member_id=event.member_id,
        at=recorded.at,
        point_id=event.point_id,
        units=event.tickets,
        nonce=_key(event.grant_id),
    )
    hear_among(event.province_id, [happening], targets)


def _key(grant_id: int) -> str:
    return f"chance:{grant_id}"
