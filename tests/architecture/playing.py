"""The plays of the day: what is earned, used, given back, drawn, stopped and forgotten."""

from __future__ import annotations

import contextlib

import msgspec

from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.errors import Refusal
from lintuan.leaders.types import PointView
from lintuan.ordering import commands as orders
from lintuan.ordering.types import OrderRequest
from lintuan.plays import commands, queries
from lintuan.plays.catalogue import plays as shipped
from lintuan.plays.engine.definition import Limits, Participants
from lintuan.plays.engine.progress import Draw, First, Prize, Reach, Vote
from lintuan.plays.engine.rewards import Cash, Chance, Points, Price
from lintuan.plays.engine.wallet import Priced
from lintuan.plays.errors import PlayCodeUnknown
from lintuan.plays.papers import gift_code
from lintuan.plays.types import Deed, NewTrial
from lintuan.pricing.types import OfferView
from tests.make import campaigns, leaders, members, ordering, plays
from tests.make.ordering import line
from tests.make.provinces import HUBEI

EACH = Reach(levels=(1,), of="unit")


def play_along(point: PointView, goods: OfferView) -> None:
    """An evening in which everything happens that plays can do."""
    neighbours = members.members(4)
    for one in neighbours:
        leaders.choose(one, point)
    _start(point, goods)
    _earn_and_use(neighbours[0], point, goods)
    _gather(neighbours, point, goods)
    _do(neighbours[1], point)
    for work in (commands.begin_runs, commands.end_runs, commands.lapse):
        work(SYSTEM, province_id=HUBEI)
    catch_up(Horizon.OWN)


def _start(point: PointView, goods: OfferView) -> None:
    limits = Limits(budget_fen=50_000, day_budget_fen=20_000, leader_budget_fen=20_000, per_member_day=3)
    campaigns.running(plays.definition(EACH, [Cash(fen=100), Points(points=5)], code="money", limits=limits))
    campaigns.running(
        plays.definition(First(places=9), [Price(price_bps=9000, most_fen=300)], code="flash", limits=limits),
        sku_ids=[goods.sku_id],
    )
    wheel = Draw(prizes=(Prize(name=plays.text(), odds_ppm=1_000_000, stock=5),))
    campaigns.running(
        plays.definition(wheel, [campaigns.COUPON], code="wheel", counts=(plays.counting("checked_in"),), limits=limits)
    )
    campaigns.running(plays.definition(EACH, [Chance(play="wheel")], code="tickets"))
    commands.write_design(SYSTEM, province_id=HUBEI, definition=msgspec.to_builtins(shipped()["daily-check-in"]))
    form = msgspec.structs.replace(shipped()["daily-check-in"], code="other-check-in", number=0)
    commands.write_design(SYSTEM, province_id=HUBEI, definition=msgspec.to_builtins(form))
    for code, arm, about in (("either", "any-four", ""), ("form", form.code, "daily-check-in")):
        question = NewTrial(code, ("as now", arm), matters=10.0, days=7, about=about)
        trial_id = commands.begin_trial(SYSTEM, province_id=HUBEI, trial=question)
        queries.put_first(HUBEI, point.leader_id)
        queries.as_started(HUBEI, code)
    queries.catalogue(HUBEI, point.leader_id)
    commands.decline_trial(Caller(Kind.LEADER, point.leader_id, HUBEI), province_id=HUBEI, trial_id=trial_id)
    commands.stop_trial(SYSTEM, province_id=HUBEI, code="form")


def _earn_and_use(lin: Caller, point: PointView, goods: OfferView) -> None:
    ordering.pay(ordering.order(line(goods), member=lin, point=point))
    catch_up(Horizon.OWN)
    seen, _ = queries.savings(
        campaigns.paid(lin, goods.price.fen, point=point, sku_id=goods.sku_id, order_id=1), HUBEI, [_priced(goods)]
    )
    request = OrderRequest(point.id, (line(goods),), saved_fen=seen.total.fen)
    with contextlib.suppress(Refusal):
        order_id = orders.place_order(lin, province_id=HUBEI, request=request)
        orders.edit_order(lin, province_id=HUBEI, order_id=order_id, lines=(line(goods, 2),))
        orders.cancel_order(lin, province_id=HUBEI, order_id=order_id)
    catch_up(Horizon.OWN)


def _priced(goods: OfferView) -> Priced:
    return Priced(offer_id=goods.id, sku_id=goods.sku_id, units=1, fen=goods.price.fen)


def _gather(people: list[Caller], point: PointView, goods: OfferView) -> None:
    campaign = campaigns.running(campaigns.group(size=2), sku_ids=[goods.sku_id])
    run_id = commands.open_run(people[0], province_id=HUBEI, campaign_id=campaign.id)
    for one in people[:2]:
        request = OrderRequest(point.id, (line(goods),), run_id=run_id)
        order_id = orders.place_order(one, province_id=HUBEI, request=request)
        ordering.pay(ordering.now_all(one)[0])
    catch_up(Horizon.OWN)
    orders.cancel_order(people[1], province_id=HUBEI, order_id=order_id)
    commands.stop_play(SYSTEM, province_id=HUBEI, campaign_id=campaign.id)
    commands.end_runs(SYSTEM, province_id=HUBEI)
    for view in (queries.run(HUBEI, run_id), queries.run_by_code(HUBEI, queries.run(HUBEI, run_id).code)):
        queries.standings(HUBEI, view.id)
        queries.log_of_run(HUBEI, view.id)
        queries.grants_of_run(HUBEI, view.id)
    queries.runs_of_campaign(HUBEI, campaign.id)


def _do(wang: Caller, point: PointView) -> None:
    team = plays.definition(
        EACH, [Points(points=5)], code="team", counts=(plays.counting("paid"),),
        participants=Participants(reach="point", unit="building"),
    )  # fmt: skip
    campaign = campaigns.running(team)
    commands.take_side(wang, province_id=HUBEI, campaign_id=campaign.id, label="3")
    wheel = next(one for one in queries.campaigns_at(HUBEI, point.id) if one.definition.code == "wheel")
    commands.act(wang, province_id=HUBEI, deed=Deed(wheel.id, "checked_in", nonce="phone"))
    contest = plays.definition(
        Vote(), code="contest", counts=(plays.counting("voted"),),
        participants=Participants(reach="province", unit="entry", once_over="run", who="buyers"),
    )  # fmt: skip
    dishes = campaigns.running(contest, content={"entries": [[7, "dish"]]})
    commands.act(wang, province_id=HUBEI, deed=Deed(dishes.id, "voted", unit=7, has_bought=True))
    commands.withdraw_votes(SYSTEM, province_id=HUBEI, member_ids=(wang.id,))
    cards = campaigns.running(shipped()["gift-code"])
    with contextlib.suppress(PlayCodeUnknown):
        commands.act(wang, province_id=HUBEI, deed=Deed(cards.id, "redeemed", code="wrong"))
    commands.act(wang, province_id=HUBEI, deed=Deed(cards.id, "redeemed", code=gift_code(cards, 1)))
    queries.grants_of_member(wang)
    queries.points(HUBEI, wang.id)
    queries.budgets(HUBEI, wheel.id)
    queries.present_run(wheel, point.id)
    queries.open_runs(HUBEI, campaign.id, scope=point.id)
    queries.campaigns_of_province(HUBEI)
    queries.campaigns_of_leader(HUBEI, point.leader_id)
    queries.catalogue(HUBEI)
