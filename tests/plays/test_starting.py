"""Starting a play: what the linter and the prices of its goods let through, and what is kept of what they said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.errors import Invalid, NotFound
from lintuan.kernel.money import Money
from lintuan.leaders.types import PointView
from lintuan.plays import commands, queries
from lintuan.plays.catalogue import plays as catalogue
from lintuan.plays.engine.definition import Definition, Funder, Limits, Texts
from lintuan.plays.engine.gifts import names_needed
from lintuan.plays.engine.progress import Reach
from lintuan.plays.engine.rewards import Coupon, Price
from lintuan.plays.engine.values import Text
from lintuan.plays.errors import ContentMissing, PlayRefused
from lintuan.plays.models import Campaign
from lintuan.plays.playbook import written
from lintuan.plays.types import Content, NewCampaign
from lintuan.pricing.queries import costings
from lintuan.pricing.types import Exemption, Ground
from lintuan.sharing.types import Channel
from tests.make import campaigns, leaders, members, plays, pricing
from tests.make import ordering as make
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]
#: What names of the catalogue stand for in tests: one SKU is as good as another.
BANNED = sorted(code for code, play in catalogue().items() if play.rewrite)
TERMS = Text(
    zh="邻居付款即开始，满 1 单得券，到 {until} 结束。",
    en="Begins when a neighbour has paid; each who has one order gets a coupon; ends at {until}.",
)


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at(make.EVENING)


@pytest.fixture
def point() -> PointView:
    return leaders.point()


@pytest.fixture
def leader(point: PointView) -> Caller:
    return leaders.leader_of(point)


def start(leader: Caller, code: str, point: PointView, **given: Any) -> int:
    plan = NewCampaign(point_ids=(point.id,), **given)
    return commands.start_play(leader, province_id=HUBEI, code=code, plan=plan)


def refused(leader: Caller, code: str, point: PointView, **given: Any) -> PlayRefused:
    with pytest.raises(PlayRefused) as found:
        start(leader, code, point, **given)
    assert not Campaign.objects.exists()
    return found.value


def design(**others: Any) -> Definition:
    """A play that nothing is against."""
    reward = others.pop("reward", Coupon(off_fen=200, over_fen=2000))
    fields: dict[str, Any] = {
        "code": "of-ours",
        "share": ("code", "relay"),
        "terms": TERMS,
        "limits": Limits(budget_fen=10_000),
        "funding": (Funder(payer="platform", share_bps=10_000),),
    }
    return plays.definition(Reach(levels=(1,), of="unit"), [reward], **{**fields, **others})


def compose(play: Definition) -> str:
    commands.write_design(SYSTEM, province_id=HUBEI, definition=written(play))
    return play.code


@pytest.mark.parametrize("code", BANNED)
def test_a_banned_play_names_its_rewrite_and_that_starts(code: str, leader: Caller, point: PointView) -> None:
    goods = pricing.offer(2000, cost_fen=500)
    named = dict.fromkeys(("eggs-10",), goods.sku_id)
    why = refused(leader, code, point, sku_ids=(goods.sku_id,), goods=named)

    rewrite = str(why.facts["rewrite"])
    assert rewrite == catalogue()[code].rewrite
    named = dict.fromkeys(names_needed(catalogue()[rewrite]), goods.sku_id)
    assert start(leader, rewrite, point, sku_ids=(goods.sku_id,), goods=named)


def test_a_refusal_says_rule_place_and_reason_in_both_languages(leader: Caller, point: PointView) -> None:
    why = refused(leader, "cut-price", point)

    assert (why.facts["rule"], why.facts["at"], why.facts["channel"]) == ("A10", "counts[0].fact", "wechat_group")
    assert str(why.facts["reason"]) in why.message("en")
    assert str(why.facts["reason_zh"]) in why.message("zh-hans")
    findings: Any = why.facts["findings"]
    assert next(one["rule"] for one in findings if one["severity"] == "refuse") == "A10"
    assert all({"rule", "severity", "place", "law", "reason"} <= one.keys() for one in findings)


def test_where_it_is_posted_decides(leader: Caller, point: PointView) -> None:
    pricing.offer(2000, cost_fen=500)
    assert start(leader, "cut-price", point, channel=Channel.ALIPAY)


@pytest.mark.parametrize("channel", ["chat", "", "WECHAT_GROUP"])
def test_a_channel_that_nobody_knows_is_none(channel: str, leader: Caller, point: PointView) -> None:
    with pytest.raises(Invalid, match="channel"):
        start(leader, "group-buy", point, channel=channel)
    with pytest.raises(Invalid, match="channel"):
        queries.verdict(HUBEI, "group-buy", NewCampaign(channel=channel))


def test_goods_that_nobody_sells_are_none(leader: Caller, point: PointView) -> None:
    with pytest.raises(NotFound, match="sku"):
        start(leader, "target-relay", point, sku_ids=(999_999,))


@pytest.mark.parametrize(("cost", "starts"), [(1500, True), (1600, True), (1601, False), (1999, False)])
def test_a_price_below_cost_starts_nowhere(cost: int, starts: bool, leader: Caller, point: PointView) -> None:
    """A fifth off twenty yuan is sixteen."""
    goods = pricing.offer(2000, cost_fen=cost)
    code = compose(design(reward=Price(price_bps=8000, most_fen=1000)))

    if starts:
        assert start(leader, code, point, sku_ids=(goods.sku_id,))
    else:
        why = refused(leader, code, point, sku_ids=(goods.sku_id,))
        assert (why.facts["rule"], why.facts["at"]) == ("P01", "rewards[0]")
        assert "16.00" in why.message("en")


def test_a_lawful_ground_turns_the_refusal_into_a_warning_that_is_kept(leader: Caller, point: PointView) -> None:
    ground = Exemption(ground=Ground.NEAR_EXPIRY, reason="ends tomorrow")
    goods = pricing.offer(2000, cost_fen=1900, exemption=ground)
    code = compose(design(reward=Price(price_bps=8000, most_fen=1000)))

    campaign_id = start(leader, code, point, sku_ids=(goods.sku_id,))

    kept = queries.findings_of(HUBEI, campaign_id)
    assert [(one["rule"], one["severity"]) for one in kept] == [("P01", "warn")]


def test_without_goods_of_its_own_it_answers_for_all_of_tonight(leader: Caller, point: PointView) -> None:
    cheap, dear = pricing.offer(2000, cost_fen=500), pricing.offer(2000, cost_fen=1900)
    code = compose(design(reward=Price(price_bps=8000, most_fen=1000)))

    assert refused(leader, code, point).facts["rule"] == "P01"
    assert refused(leader, code, point, sku_ids=(dear.sku_id,)).facts["rule"] == "P01"
    assert start(leader, code, point, sku_ids=(cheap.sku_id,))


def test_words_of_composed_designs_are_read_too(leader: Caller, point: PointView) -> None:
    pricing.offer(2000, cost_fen=500)
    words = Text(zh="转发到朋友圈即可领券", en="Share this on Moments and get a coupon")
    code = compose(design(texts=Texts(invite=words, progress=plays.text(), done=plays.text())))

    why = refused(leader, code, point)

    assert (why.facts["rule"], str(why.facts["at"]).rpartition(".")[0]) == ("L08", "texts.invite")


def test_what_is_shown_before_is_what_decides(leader: Caller, point: PointView) -> None:
    goods = pricing.offer(2000, cost_fen=500)
    plan = NewCampaign(point_ids=(point.id,), sku_ids=(goods.sku_id,))

    shown = {code: one.may_start(Channel.WECHAT_GROUP) for code, one in queries.verdicts(HUBEI, plan).items()}

    named = {code: dict.fromkeys(names_needed(play), goods.sku_id) for code, play in catalogue().items()}
    questions = tuple(queries.ready_questions(catalogue()["food-quiz"], date(2026, 11, 20)))
    content = Content(questions=questions, entries=((1, "莲藕"), (2, "山药")), answer="莲藕")
    for code, may_start in shown.items():
        assert queries.verdict(HUBEI, code, plan).may_start(Channel.WECHAT_GROUP) == may_start
        if may_start:
            assert start(leader, code, point, sku_ids=plan.sku_ids, goods=named[code], content=content)
        else:
            with pytest.raises(PlayRefused):
                start(leader, code, point, sku_ids=plan.sku_ids, goods=named[code])


def test_nobody_starts_at_a_point_of_others(leader: Caller) -> None:
    elsewhere = leaders.point()
    for caller in (leader, members.member()):
        with pytest.raises(Exception, match=r"no such point|may not"):
            start(caller, "target-relay", elsewhere)


def test_a_costing_is_of_the_day_or_of_the_last_one_before() -> None:
    goods = pricing.offer(2000, cost_fen=700)
    later = date(2026, 11, 22)

    assert [one.cost for one in costings(HUBEI, make.SALE_ON)] == [Money(700)]
    assert costings(HUBEI, later) == ()
    assert [one.offer.id for one in costings(HUBEI, later, [goods.sku_id])] == [goods.id]
    assert costings(HUBEI, date(2026, 11, 19), [goods.sku_id]) == ()


def test_what_a_campaign_has_come_to(leader: Caller, point: PointView) -> None:
    goods, other = pricing.offer(2000, cost_fen=500), pricing.offer(900, cost_fen=500)
    one = campaigns.started(leader, compose(design()), point, goods)
    lin, wang = members.members(2)
    first = campaigns.paid(lin, 2000, point=point, sku_id=goods.sku_id)
    campaigns.hear(first, campaigns.paid(wang, 4000, point=point, sku_id=goods.sku_id))
    campaigns.hear(campaigns.paid(lin, 900, point=point, sku_id=other.sku_id))

    before = queries.account(one)
    campaigns.withdraw(first)
    after = queries.account(one)

    assert (before.people, before.orders, before.sold) == (2, 2, Money(6000))
    assert [(line.kind, line.times, line.promised, line.spent) for line in before.given] == [
        ("coupon", 2, Money(400), Money(0))
    ]
    assert (after.people, after.orders, after.sold, after.promised) == (1, 1, Money(4000), Money(200))
    assert [(line.kind, line.most, line.spent) for line in after.budgets] == [("play", 10_000, 200)]


@pytest.mark.parametrize("code", ["food-quiz", "hide-and-guess", "wish-list"])
def test_a_play_that_is_not_filled_in_does_not_start(leader: Caller, code: str, point: PointView) -> None:
    with pytest.raises(ContentMissing):
        start(leader, code, point)

    assert not Campaign.objects.exists()
