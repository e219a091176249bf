"""What plays announce."""

from __future__ import annotations

from dataclasses import dataclass

from lintuan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class CampaignStarted(Event):
    campaign_id: int
    code: str
    leader_id: int


@dataclass(frozen=True, kw_only=True)
class CampaignStopped(Event):
    campaign_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class RunEnded(Event):
    """A run is over: `how` is filled, ended or unfilled; of unfilled ones the orders are paid back."""

    campaign_id: int
    run_id: int
    how: str
    order_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RewardGiven(Event):
    """Somebody has a reward; what it costs when it is used comes with RewardSpent."""

    campaign_id: int
    run_id: int
    grant_id: int
    member_id: int
    kind: str
    cost_fen: int


@dataclass(frozen=True, kw_only=True)
class RewardTaken(Event):
    """A reward was taken back before it was used."""

    campaign_id: int
    grant_id: int
    member_id: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class RewardReviewed(Event):
    """A person decided on a reward that was held: `decision` is give or deny."""

    campaign_id: int
    grant_id: int
    member_id: int
    decision: str
    note: str
    decided_by: str


@dataclass(frozen=True, kw_only=True)
class TicketsGiven(Event):
    """A reward is tickets of another play."""

    campaign_id: int
    grant_id: int
    member_id: int
    point_id: int
    play: str
    tickets: int


@dataclass(frozen=True, kw_only=True)
class SavingEarned(Event):
    """An order that is paid already is to cost less: a price or a rebate that was earned with it."""

    campaign_id: int
    run_id: int
    grant_id: int
    order_id: int
    fen: int
    platform_fen: int
    leader_fen: int
    supplier_fen: int
    leader_id: int = 0


@dataclass(frozen=True, kw_only=True)
class RewardSpent(Event):
    """A reward saved so much on an order, and who pays which fen of it; a negative one is given back.

    A `leader_id` of 0 pays at the order's point.
    """

    campaign_id: int
    grant_id: int
    member_id: int
    order_id: int
    fen: int
    platform_fen: int
    leader_fen: int
    supplier_fen: int
    leader_id: int = 0


@dataclass(frozen=True, kw_only=True)
class CommissionRaised(Event):
    """A leader earned more commission by a run, in fen."""

    campaign_id: int
    run_id: int
    grant_id: int
    leader_id: int
    level: int
    fen: int
