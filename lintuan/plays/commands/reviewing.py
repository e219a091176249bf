"""Rewards that wait for a person: given after all, or denied."""

from __future__ import annotations

from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import command
from lintuan.kernel.errors import CannotMove, Invalid, NotFound
from lintuan.kernel.events import announce, announce_all
from lintuan.kernel.money import ZERO
from lintuan.plays.events import RewardReviewed
from lintuan.plays.models import Grant
from lintuan.plays.playbook import campaigns as campaigns_by_id
from lintuan.plays.spending import lines_of, most_of
from lintuan.plays.types import GrantDecision, GrantState, RunState

from .budgets import Budgets
from .earning import pay_at_end, pay_at_once
from .granting import given_events, moment_of
from .purses import add_points
from .rounds import Round, lock_rounds, read_all
from .starting import EDIT

LONGEST_NOTE = 500


@command
def decide_grant(
    caller: Caller,
    *,
    province_id: int,
    grant_id: int,
    decision: GrantDecision,
    note: str = "",
    key: str | None = None,
) -> int:
    """Give a reward that was held, or deny it, which needs a note; answers its id.

    What is given late lasts as many days as if it had been given then.
    """
    caller.require(EDIT, province_id)
    note = note.strip()
    if len(note) > LONGEST_NOTE or (decision is GrantDecision.DENY and not note):
        raise Invalid(reason=f"note: 1-{LONGEST_NOTE}")
    grant, game = _held(province_id, grant_id)
    to = GrantState.GIVEN if decision is GrantDecision.GIVE else GrantState.DENIED
    if grant.state != GrantState.HELD:
        raise CannotMove(state=GrantState(grant.state), to=to)
    if decision is GrantDecision.GIVE:
        _give(grant, game)
    else:
        _deny(grant, game)
    announce(
        RewardReviewed(
            province_id=province_id,
            campaign_id=grant.campaign_id,
            grant_id=grant.id,
            member_id=grant.member_id,
            decision=decision.value,
            note=note,
            decided_by=caller.reference,
        )
    )
    return grant.id


def _held(province_id: int, grant_id: int) -> tuple[Grant, Round]:
    """The reward, and its run: locked before it, in the order of everything that gives and takes back."""
    known = Grant.objects.filter(province_id=province_id, id=grant_id).values_list("run_id", "campaign_id").first()
    if known is None:
        raise NotFound(thing="reward")
    run_id, campaign_id = known
    game = lock_rounds(province_id, [run_id], campaigns_by_id(province_id, {campaign_id}))[run_id]
    return Grant.objects.select_for_update().get(province_id=province_id, id=grant_id), game


def _give(grant: Grant, game: Round) -> None:
    grant.state = GrantState.GIVEN.value
    if grant.expires_on is not None:
        grant.expires_on += moment_of(grant.province_id).on - grant.given_on
    grant.save(update_fields=["state", "expires_on"])
    if grant.points:
        add_points(grant.province_id, [(grant.member_id, grant.points)])
    announce_all(given_events(grant, game))
    if game.state is RunState.OPEN:
        pay_at_once(grant.province_id, {game.id: game}, [grant])
    elif game.state is RunState.OVER:
        read_all(game)
        pay_at_end(grant.province_id, game)


def _deny(grant: Grant, game: Round) -> None:
    """Its budgets have everything back that they kept for it, goods as well as money."""
    reward = game.campaign.definition.rewards[grant.reward]
    takes = lines_of(game.campaign, reward, leader_id=grant.leader_id, on=grant.given_on, cost=grant.cost.fen)
    budgets = Budgets(grant.province_id, {line: most_of(game.campaign, line) for line in takes})
    budgets.give_back(takes)
    budgets.write()
    grant.state, grant.cost, grant.worth = GrantState.DENIED.value, ZERO, ZERO
    grant.save(update_fields=["state", "cost", "worth"])
