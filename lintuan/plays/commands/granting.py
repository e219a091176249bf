"""Rewards given and taken back: within budgets and limits, once each, and what follows from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lintuan.kernel import clock
from lintuan.kernel.events import Event, announce_all
from lintuan.kernel.money import ZERO, Money
from lintuan.leaders import queries as leaders
from lintuan.plays import guarding
from lintuan.plays.engine.facts import NOBODY, Given, Taken
from lintuan.plays.engine.rewards import (
    Cash,
    Chance,
    Coupon,
    Goods,
    Points,
    Pot,
    Price,
    Privilege,
    Rebate,
    Reward,
    most_cost_fen,
)
from lintuan.plays.events import RewardGiven, RewardTaken, TicketsGiven
from lintuan.plays.models import ONGOING, Grant, Heard, Person
from lintuan.plays.pots import covered
from lintuan.plays.spending import Line, lines_of, most_of
from lintuan.plays.types import GrantState
from lintuan.provinces.queries import province

from .budgets import Budgets
from .purses import add_points
from .rounds import Round

#: Days that money which a play gave can be used, and goods be collected.
CREDIT_DAYS = 180
GOODS_DAYS = 30

CHANGED = ["state", "cost", "worth", "spent", "why", "price", "points", "given_at", "given_on", "expires_on"]

Change = tuple[Round, Given | Taken]
#: Run, unit, reward and its nth.
_Key = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Moment:
    """When rewards are given: the moment, and the local day."""

    now: datetime
    on: date


def moment_of(province_id: int) -> Moment:
    """Now, and the local day."""
    now = clock.now()
    return Moment(now, now.astimezone(ZoneInfo(province(province_id).zone)).date())


@dataclass(frozen=True, slots=True)
class _Offer:
    """A reward about to be given to somebody."""

    game: Round
    given: Given
    reward: Reward
    member_id: int
    leader_id: int
    cost: int

    @property
    def key(self) -> tuple[int, int, int, int, int]:
        return (self.game.id, self.given.unit, self.given.reward, self.given.nth, self.member_id)

    @property
    def claim(self) -> guarding.Claim:
        return guarding.Claim(self.game.campaign, self.game.id, self.given.unit, self.member_id, self.cost)

    def takes(self, on: date) -> dict[Line, int]:
        return lines_of(self.game.campaign, self.reward, leader_id=self.leader_id, on=on, cost=self.cost)


def carry_out(province_id: int, changes: Sequence[Change], moment: Moment) -> list[Grant]:
    """Give and take back, in order; answers the grants that are new or changed.

    What a budget, a stock or a limit does not allow is denied and kept as such; what looks like fraud waits for a
    person.
    """
    changes = _lasting(changes)
    if not changes:
        return []
    offers = [offer for game, effect in changes if isinstance(effect, Given) for offer in _offers(game, effect)]
    known = _known(province_id, changes)
    gone, refused = _taken(changes, known)
    rounds = {game.id: game for game, _ in changes}
    budgets = _budgets(province_id, offers, gone, rounds, moment)
    events = [_take_back(grant, rounds[grant.run_id], budgets) for grant in gone]
    fresh = _give(province_id, offers, known, budgets, moment)
    budgets.write()
    known_ones = [grant for grant in (*gone, *refused, *fresh) if grant.id]
    Grant.objects.filter(province_id=province_id).bulk_update(known_ones, CHANGED)
    Grant.objects.bulk_create([grant for grant in fresh if not grant.id])
    given = [grant for grant in fresh if grant.state == GrantState.GIVEN]
    add_points(province_id, [(grant.member_id, grant.points) for grant in given if grant.points])
    announce_all([*events, *(event for grant in given for event in given_events(grant, rounds[grant.run_id]))])
    # What was taken back and is given again is among the fresh.
    return [*(grant for grant in gone if grant.state == GrantState.TAKEN), *fresh]


def _lasting(changes: Sequence[Change]) -> list[Change]:
    """Without what is given and taken back again among them."""
    taken: set[_Key] = set()
    lasting: list[Change] = []
    for game, effect in reversed(changes):
        key = (game.id, effect.unit, effect.reward, effect.nth)
        if isinstance(effect, Taken):
            taken.add(key)
        elif key in taken:
            continue
        lasting.append((game, effect))
    return lasting[::-1]


def _offers(game: Round, given: Given) -> list[_Offer]:
    reward = game.campaign.definition.rewards[given.reward]
    cost = given.fen if isinstance(reward, Pot) else most_cost_fen(reward)
    leader_id = _leader_of(game)
    return [_Offer(game, given, reward, member_id, leader_id, cost) for member_id in _recipients(game, given)]


def _leader_of(game: Round) -> int:
    """Whose budget a run is on: the leader who started it, or who keeps its point."""
    if game.campaign.leader_id:
        return game.campaign.leader_id
    match game.campaign.definition.participants.reach:
        case "leader":
            return game.scope
        case "point" | "opener" if game.scope:
            return leaders.point(game.province_id, game.scope).leader_id
        case _:
            return 0


def _recipients(game: Round, given: Given) -> list[int]:
    """The members who get it; nobody in particular for points, leaders and things that were voted for."""
    if given.member != NOBODY:
        return [given.member]
    match game.campaign.definition.participants.unit:
        case "member" | "entry":
            return [given.unit]
        case "household" | "building" | "team":
            in_hand = {member for unit, member in game.persons if unit == given.unit}
            stored = Person.objects.filter(province_id=game.province_id, run_id=game.id, unit=given.unit)
            return sorted(in_hand | set(stored.values_list("member_id", flat=True)))
        case _:
            return [NOBODY]


def _known(province_id: int, changes: Sequence[Change]) -> dict[tuple[int, int, int, int, int], Grant]:
    rows = Grant.objects.filter(
        province_id=province_id,
        run_id__in={game.id for game, _ in changes},
        unit__in={effect.unit for _, effect in changes},
    )
    return {(row.run_id, row.unit, row.reward, row.nth, row.member_id): row for row in rows.select_for_update()}


def _taken(
    changes: Iterable[Change], known: dict[tuple[int, int, int, int, int], Grant]
) -> tuple[list[Grant], list[Grant]]:
    """What is taken back of what was given, and what was denied and is not due any more: it may be earned again."""
    keys = {(game.id, it.unit, it.reward, it.nth) for game, it in changes if isinstance(it, Taken)}
    taken = [grant for key, grant in known.items() if key[:4] in keys]
    refused = [grant for grant in taken if grant.state == GrantState.DENIED]
    for grant in refused:
        grant.state = GrantState.TAKEN.value
    settled = _settled_for_nothing([grant for grant in taken if grant.state == GrantState.USED])
    return [*(grant for grant in taken if grant.state in (GrantState.GIVEN, GrantState.HELD)), *settled], refused


def _settled_for_nothing(used: Sequence[Grant]) -> list[Grant]:
    """Prices and rebates paid back on orders of which nothing is left: what they saved went with the orders."""
    paid_back = [grant for grant in used if grant.kind in ("price", "rebate") and not grant.price]
    if not paid_back:
        return []
    rows = Heard.objects.filter(
        province_id=paid_back[0].province_id,
        run_id__in={grant.run_id for grant in paid_back},
        unit__in={grant.unit for grant in paid_back},
        order_id__gt=0,
        is_withdrawn=False,
    )
    left = set(rows.values_list("run_id", "unit", "member_id"))
    return [grant for grant in paid_back if (grant.run_id, grant.unit, grant.member_id) not in left]


def _budgets(
    province_id: int, offers: Sequence[_Offer], gone: Sequence[Grant], rounds: dict[int, Round], moment: Moment
) -> Budgets:
    wanted = {line: most_of(offer.game.campaign, line) for offer in offers for line in offer.takes(moment.on)}
    for grant in gone:
        game = rounds[grant.run_id]
        wanted |= {line: most_of(game.campaign, line) for line in _takes_of(grant, game)}
    return Budgets(province_id, wanted)


def _takes_of(grant: Grant, game: Round) -> dict[Line, int]:
    """What a grant holds of which budgets."""
    reward = game.campaign.definition.rewards[grant.reward]
    return lines_of(game.campaign, reward, leader_id=grant.leader_id, on=grant.given_on, cost=grant.cost.fen)


def _take_back(grant: Grant, game: Round, budgets: Budgets) -> Event:
    budgets.give_back(_takes_of(grant, game))
    if grant.state == GrantState.GIVEN and grant.points:
        add_points(grant.province_id, [(grant.member_id, -grant.points)])
    grant.state = GrantState.TAKEN.value
    return taken_event(grant)


def taken_event(grant: Grant) -> RewardTaken:
    """That somebody has a reward no more, which was not used."""
    return RewardTaken(
        province_id=grant.province_id,
        campaign_id=grant.campaign_id,
        grant_id=grant.id,
        member_id=grant.member_id,
        kind=grant.kind,
    )


def _give(
    province_id: int,
    offers: Sequence[_Offer],
    known: dict[tuple[int, int, int, int, int], Grant],
    budgets: Budgets,
    moment: Moment,
) -> list[Grant]:
    counts = _Counts(province_id, offers, moment.on)
    fresh_offers = [offer for offer in offers if _is_due(known.get(offer.key))]
    suspects = guarding.suspicions(province_id, [offer.claim for offer in fresh_offers], moment.now)
    fresh = []
    for offer in _in_turn(fresh_offers, budgets, moment.on):
        grant = known.get(offer.key)
        state, doubt = GrantState.GIVEN, suspects.get(offer.claim.key) if offer.cost else None
        why = doubt.why if doubt else []
        is_nothing = isinstance(offer.reward, Pot) and not offer.cost
        if (
            is_nothing
            or (doubt and doubt.is_again)
            or not (counts.allow(offer) and budgets.take(offer.takes(moment.on)))
        ):
            state = GrantState.DENIED
        elif doubt:
            state = GrantState.HELD
        if state is not GrantState.DENIED:
            counts.add(offer)
        fresh.append(_grant(offer, grant, state, moment, why))
    return fresh


def _in_turn(offers: Sequence[_Offer], budgets: Budgets, on: date) -> Iterator[_Offer]:
    """All of them, pots last: each is as large as what its budgets have left then, so that everybody has a part."""
    pots: dict[tuple[int, int], list[_Offer]] = {}
    for offer in offers:
        if isinstance(offer.reward, Pot):
            pots.setdefault((offer.game.id, offer.given.reward), []).append(offer)
        else:
            yield offer
    for shares in pots.values():
        left = budgets.left(line for line in shares[0].takes(on) if line.kind != "stock")
        costs = [one.cost for one in shares]
        parts = costs if left is None else covered(costs, left)
        for one, cost in zip(shares, parts, strict=True):
            yield replace(one, cost=cost)


def _is_due(grant: Grant | None) -> bool:
    """Not where a run ends twice, nor where a person is still looking at it."""
    return grant is None or grant.state == GrantState.TAKEN


class _Counts:
    """How many rewards members have of a run, and of a campaign today."""

    def __init__(self, province_id: int, offers: Sequence[_Offer], on: date) -> None:
        limited = [one for one in offers if one.member_id and _is_limited(one.game)]
        rows = Grant.objects.filter(
            province_id=province_id,
            campaign_id__in={one.game.campaign.id for one in limited},
            member_id__in={one.member_id for one in limited},
            state__in=ONGOING,
        ).values_list("run_id", "campaign_id", "member_id", "given_on")
        self._of_run: Counter[tuple[int, int]] = Counter()
        self._of_day: Counter[tuple[int, int]] = Counter()
        for run_id, campaign_id, member_id, given_on in rows if limited else ():
            self._of_run[run_id, member_id] += 1
            self._of_day[campaign_id, member_id] += given_on == on

    def allow(self, offer: _Offer) -> bool:
        limits = offer.game.campaign.definition.limits
        of_run = self._of_run[offer.game.id, offer.member_id]
        of_day = self._of_day[offer.game.campaign.id, offer.member_id]
        return not offer.member_id or (
            (limits.per_member is None or of_run < limits.per_member)
            and (limits.per_member_day is None or of_day < limits.per_member_day)
        )

    def add(self, offer: _Offer) -> None:
        self._of_run[offer.game.id, offer.member_id] += 1
        self._of_day[offer.game.campaign.id, offer.member_id] += 1


def _is_limited(game: Round) -> bool:
    limits = game.campaign.definition.limits
    return limits.per_member is not None or limits.per_member_day is not None


def _grant(offer: _Offer, known: Grant | None, state: GrantState, moment: Moment, why: list[dict[str, str]]) -> Grant:
    """A new row, or one that was taken back and is given again."""
    grant = known or Grant(
        province_id=offer.game.province_id,
        campaign_id=offer.game.campaign.id,
        run_id=offer.game.id,
        unit=offer.given.unit,
        reward=offer.given.reward,
        nth=offer.given.nth,
        member_id=offer.member_id,
        leader_id=offer.leader_id,
    )
    grant.kind = str(type(offer.reward).__struct_config__.tag)
    grant.state, grant.why = state.value, why
    grant.cost = Money(offer.cost) if state is not GrantState.DENIED else ZERO
    grant.worth = Money(_worth(offer)) if state is not GrantState.DENIED else ZERO
    grant.price, grant.spent = Money(offer.given.price_fen), ZERO
    grant.points = offer.reward.points if isinstance(offer.reward, Points) else 0
    grant.given_at, grant.given_on = moment.now, moment.on
    grant.expires_on = _expiry(offer.reward, moment.on)
    return grant


def _worth(offer: _Offer) -> int:
    match offer.reward:
        case Coupon() | Cash() | Goods() | Pot() | Price() | Rebate():
            return offer.cost
        case _:
            return 0


def _expiry(reward: Reward, on: date) -> date | None:
    match reward:
        case Coupon(days=days) | Privilege(days=days):
            return on + timedelta(days=days)
        case Cash() | Pot():
            return on + timedelta(days=CREDIT_DAYS)
        case Goods():
            return on + timedelta(days=GOODS_DAYS)
        case _:
            return None


def given_events(grant: Grant, game: Round) -> list[Event]:
    given = RewardGiven(
        province_id=grant.province_id,
        campaign_id=grant.campaign_id,
        run_id=grant.run_id,
        grant_id=grant.id,
        member_id=grant.member_id,
        kind=grant.kind,
        cost_fen=grant.cost.fen,
    )
    reward = game.campaign.definition.rewards[grant.reward]
    if not isinstance(reward, Chance):
        return [given]
    is_of_point = game.campaign.definition.participants.reach in ("point", "opener")
    tickets = TicketsGiven(
        province_id=grant.province_id,
        campaign_id=grant.campaign_id,
        grant_id=grant.id,
        member_id=grant.member_id,
        point_id=game.scope if is_of_point else 0,
        play=reward.play,
        tickets=reward.tickets,
    )
    return [given, tickets]
