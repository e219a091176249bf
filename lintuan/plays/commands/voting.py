"""Votes that are taken back: by whoever gave them, and of buyers whose orders all came to nothing."""

from __future__ import annotations

from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Forbidden
from lintuan.plays.errors import NotCounted
from lintuan.plays.playbook import live_campaigns

from .hearing import withdraw_where
from .running import live_campaign

#: Votes of these members in open runs of these campaigns; what a run that is over decided stays.
_VOTES = (
    "member_id = ANY(%s) AND order_id = 0 AND body ->> 'kind' = 'voted' AND run_id IN"
    " (SELECT r.id FROM plays_run AS r WHERE r.province_id = %s AND r.campaign_id = ANY(%s) AND r.state = 'open')"
)


@command
def take_back_vote(caller: Caller, *, province_id: int, campaign_id: int, key: str | None = None) -> int:
    """Take back what a member voted in the rounds that are open, so that they may vote again; answers how many votes.

    NotCounted where they gave none.
    """
    caller.require_kind(Kind.MEMBER)
    if caller.province_id != province_id:
        raise Forbidden
    campaign = live_campaign(province_id, campaign_id)
    gone = withdraw_where(province_id, _VOTES, [[caller.id], province_id, [campaign.id]])
    if not gone:
        raise NotCounted
    return gone


@command
def withdraw_votes(caller: Caller, *, province_id: int, member_ids: tuple[int, ...], key: str | None = None) -> int:
    """Members of whose orders none stands any more: what they voted among buyers never was. Answers how many votes."""
    caller.require_kind(Kind.SYSTEM)
    among_buyers = [
        one.id
        for one in live_campaigns(province_id).values()
        if one.definition.participants.who == "buyers" and any(rule.fact == "voted" for rule in one.definition.counts)
    ]
    if not (among_buyers and member_ids):
        return 0
    return withdraw_where(province_id, _VOTES, [sorted(member_ids), province_id, among_buyers])
