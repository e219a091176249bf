"""May a play start, and where: the whole catalogue, each rule, and laws of the linter."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lintuan.kernel.money import Money
from lintuan.plays.catalogue import plays
from lintuan.plays.engine.definition import Counting, Definition, Funder, Limits, Participants, Trigger
from lintuan.plays.engine.linter import lint
from lintuan.plays.engine.linting.floor import deepest_price
from lintuan.plays.engine.linting.verdict import Finding, GoodsPrice, Prices, Severity, Verdict
from lintuan.plays.engine.progress import Draw, Fall, First, Haggle, Prize, Progress, Rank, Reach, Vote
from lintuan.plays.engine.rewards import Cash, Coupon, Goods, Pot, Price, Rebate, Reward, Uplift
from lintuan.plays.engine.soundness import faults
from lintuan.plays.engine.values import Text
from lintuan.pricing.types import Exemption, Ground
from lintuan.sharing.engine.policy import Policy
from lintuan.sharing.queries import channel_policy
from lintuan.sharing.types import Channel, Form, Row
from tests.make import plays as make
from tests.make.sharing import bans

TODAY = date(2026, 11, 23)
POTATOES = GoodsPrice(goods="土豆", day=Money(1_000), cost=Money(500))
PRICES = Prices(goods=(POTATOES,))
BANNED = {
    17: "neighbours-group", 25: "counter-help", 26: "counter-help", 27: "counter-help", 28: "counter-help",
    32: "bring-a-neighbour", 38: "lucky-wheel", 65: "vegetable-album", 66: "vegetable-album",
}  # fmt: skip
NUMBERS = frozenset(range(1, 110))
BY_NUMBER = {play.number: play for play in plays().values()}
#: Which plays of the catalogue do not start on a channel today.
REFUSED: dict[Channel, frozenset[int]] = {
    **{
        channel: frozenset(BANNED)
        for channel in Channel
        if channel not in {Channel.MOMENTS, Channel.ALIPAY, Channel.TAOBAO}
    },
    # Neither codes nor groups are for Moments; what has no other form stays away.
    Channel.MOMENTS: frozenset(
        {
            *BANNED,
            13,
            14,
            15,
            16,
            18,
            19,
            20,
            22,
            24,
            29,
            34,
            39,
            40,
            52,
            54,
            58,
            63,
            68,
            69,
            70,
            73,
            74,
            75,
            77,
            82,
            83,
        }
        | {86, 96, 108}
    ),
    # Nobody bans help there that we know of, but below cost is below cost; 83 has paper and lists only.
    Channel.ALIPAY: frozenset({17, 26, 28, 83}),
    Channel.TAOBAO: frozenset({17, 26, 28, 83}),
}
GOOD = Text(
    zh="本自提点邻居每天 8 点开始，{until} 截止，满 1 人得 5 元券。",
    en="For neighbours of the point, from 8:00 until {until}; 1 person gets a coupon of 5 yuan.",
)
PAID: dict[str, Any] = {
    "funding": (Funder(payer="platform", share_bps=10_000),),
    "limits": Limits(budget_fen=10_000_000),
    "terms": GOOD,
    "share": ("code",),
}
BUYERS: dict[str, Any] = {"trigger": Trigger(kind="buyer"), "participants": Participants(reach="opener")}


def verdict(play: Definition, *, prices: Prices = PRICES, on: date = TODAY) -> Verdict:
    return lint(play, channels=channel_policy(), on=on, prices=prices)


def play_of(progress: Progress, rewards: tuple[Reward, ...] = (), **others: Any) -> Definition:
    return make.definition(progress, rewards, **{**PAID, **others})


def broken(found: Verdict, severity: Severity = Severity.REFUSE) -> list[tuple[str, str]]:
    """Rules and places of what is said of every channel."""
    return [(one.rule, one.place) for one in found.findings if one.severity is severity and one.channel is None]


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("number", sorted(NUMBERS))
def test_which_play_of_the_catalogue_starts_on_which_channel_today(number: int, channel: Channel) -> None:
    found = verdict(BY_NUMBER[number])

    assert found.may_start(channel) == (number not in REFUSED[channel]), found.tells(channel, "en")


def test_a_hundred_plays_start_in_plain_words() -> None:
    assert len(NUMBERS - REFUSED[Channel.BARE_CHAT]) == 100


@pytest.mark.parametrize(("number", "rewrite"), BANNED.items())
def test_a_banned_play_is_refused_for_links_and_names_a_lawful_one(number: int, rewrite: str) -> None:
    play = replace(BY_NUMBER[number], share=("link", *BY_NUMBER[number].share))

    for channel in (Channel.WECHAT_CHAT, Channel.WECHAT_GROUP, Channel.MOMENTS):
        refusals = [one for one in verdict(play).refusals(channel) if one.rule == "A10"]
        assert [one.rewrite for one in refusals] == [rewrite]
        assert verdict(plays()[rewrite]).may_start(Channel.WECHAT_GROUP)


@pytest.mark.parametrize("number", [25, 27, 32, 38, 65, 66])
def test_help_that_is_changed_to_scans_at_the_counter_starts_in_groups(number: int) -> None:
    changed = next(one.changed for one in verdict(BY_NUMBER[number]).refusals(Channel.WECHAT_GROUP) if one.changed)

    assert faults(changed) == []
    assert verdict(changed).may_start(Channel.WECHAT_GROUP), verdict(changed).tells(Channel.WECHAT_GROUP, "en")


def test_a_group_may_be_shown_before_the_rules_of_2019_and_with_a_warning_after() -> None:
    group = replace(plays()["group-buy"], share=("link",))

    assert verdict(group, on=date(2019, 10, 27)).may_start(Channel.MOMENTS)
    assert not verdict(group, on=date(2019, 10, 28)).may_start(Channel.MOMENTS)
    assert verdict(group).may_start(Channel.WECHAT_GROUP)
    assert [one.rule for one in verdict(group).of(Channel.WECHAT_GROUP) if one.channel] == ["A10"]


def test_a_verdict_lists_the_forms_of_each_channel_the_richest_first() -> None:
    found = verdict(plays()["flash-sale"])

    assert [one.form for one in found.forms[Channel.WECHAT_GROUP]] == [Form.CARD, Form.LINK, Form.CODE, Form.RELAY]
    assert [one.form for one in found.forms[Channel.BARE_CHAT]] == [Form.CODE, Form.RELAY]


def test_a_leader_reads_why_and_what_instead() -> None:
    found = verdict(plays()["lottery-group"])

    assert found.tells(Channel.BARE_CHAT, "zh")[0] == (
        "不能发起：抽奖拼团：付了钱的人大多拿不到货，任何渠道都不做。"
        "（L12，微信外部链接内容管理规范（2019-10-28 施行），拼团；位置 progress）可改用 neighbours-group。"
    )
    assert found.tells(Channel.BARE_CHAT, "en")[0] == (
        "May not start: A lottery group: most of those who paid get no goods, so it starts nowhere. "
        "(L12, WeChat's rules on external links (in force 2019-10-28), group buying; at progress) "
        "Use neighbours-group instead."
    )


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("转发到三个群，得 3 元券", "words"), "L08"),
        (("集赞 20 个送鸡蛋", "words"), "L08"),
        (("转发有礼", "words"), "L08"),
        (("分享不限次数，次次领红包", "words"), "L08"),
        (("领券需先转发朋友圈", "words"), "L08"),
        (("转发本条，截图给团长，即领 2 元", "words"), "L08"),
        (("分享海报成功后自动发放优惠券", "words"), "L08"),
        (("词", "Forward this to three groups and get 3 yuan"), "L08"),
        (("词", "Collect 20 likes, earn six eggs"), "L08"),
        (("词", "Share it with friends for a coupon"), "L08"),
        (("人不够时机器人补上", "words"), "A01"),
        (("到点自动凑满", "words"), "A01"),
        (("词", "Robots join when the group is short"), "A01"),
        (("词", "auto-fill after an hour"), "A01"),
        (("五星好评返 2 元", "words"), "A02"),
        (("写好评，送鸡蛋", "words"), "A02"),
        (("词", "A five-star review earns 20 points"), "A02"),
    ],
)
def test_words_may_not_promise_what_no_play_may_give(words: tuple[str, str], rule: str) -> None:
    play = play_of(Reach(levels=(1,)), (Coupon(off_fen=500),))
    texts = replace(play.texts, invite=Text(zh=words[0], en=words[1]))

    assert {one for one, _ in broken(verdict(replace(play, texts=texts)))} == {rule}
    assert broken(verdict(play)) == []


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("不用转发，下单就得券", "nothing to forward, an order gets the coupon"),
        ("转发与否不影响所得", "passing it on makes no difference"),
        ("机器刷的票查实作废", "votes of robots are void"),
        ("平台不凑数，没有假买家", "nobody is made up, there are no sham buyers"),
        ("好评差评一样得积分", "good reviews and bad ones earn alike"),
        ("六元三人分享", "six yuan are shared among three"),
    ],
)
def test_words_that_deny_it_are_lawful(zh: str, en: str) -> None:
    play = play_of(Reach(levels=(1,)), (Coupon(off_fen=500),))
    play = replace(play, skin=replace(play.skin, lines=(Text(zh=zh, en=en),)))

    assert broken(verdict(play)) == []


@pytest.mark.parametrize(
    ("progress", "rewards", "others", "found"),
    [
        (Reach(levels=(1,)), (Coupon(off_fen=10_000),), {"limits": Limits(budget_fen=5)}, ("S00", "limits.budget_fen")),
        (Reach(levels=(1,)), (Coupon(off_fen=5),), {"limits": Limits()}, ("S00", "limits.budget_fen")),
        (Reach(levels=(1,)), (), {"limits": Limits(commission_levels=3)}, ("L10", "limits.commission_levels")),
        (
            Reach(levels=(1,)), (Uplift(bps=1, most_fen=5, commission_level=1),),
            {"counts": (Counting(fact="paid", measure="fen"),)}, ("L10", "rewards[0].commission_level"),
        ),
        (
            Reach(levels=(1,)), (Uplift(bps=1, most_fen=5, commission_level=1),),
            {"counts": (Counting(fact="arrived"),), "limits": Limits(budget_fen=5, commission_levels=1)},
            ("L10", "rewards[0]"),
        ),
        (
            Reach(levels=(3,)), (Coupon(off_fen=500),),
            {"counts": (Counting(fact="paid", measure="people"),), "limits": Limits(budget_fen=1_499)},
            ("L02", "limits.budget_fen"),
        ),
        (First(places=3), (Coupon(off_fen=500),), {"limits": Limits(budget_fen=1_499)}, ("L02", "limits.budget_fen")),
        (
            Rank(places=(1, 4)), (Cash(fen=500), Cash(fen=100, level=1)), {"limits": Limits(budget_fen=799)},
            ("L02", "limits.budget_fen"),
        ),
        (Vote(winners=2), (Cash(fen=500),), {"limits": Limits(budget_fen=999)}, ("L02", "limits.budget_fen")),
        (
            Reach(levels=(1,)), (Coupon(off_fen=500),), {"limits": Limits(budget_fen=900, day_budget_fen=499)},
            ("S00", "limits.day_budget_fen"),
        ),
        (
            Reach(levels=(1,)), (Pot(fen=5, most_fen=5_000_001, split="random"),), {}, ("A03", "rewards[0]"),
        ),
        (Reach(levels=(1,)), (), {"terms": Text(zh="邻居 8 点开始，得 1 分", en=GOOD.en)}, ("P14", "terms.zh")),
        (Reach(levels=(1,)), (), {"terms": Text(zh=GOOD.zh, en="A person gets 1 until {until}")}, ("P14", "terms.en")),
        (
            Fall(by="count", levels=(1,), price_bps=(4_999,)), (Price(price_bps=4_999, most_fen=900),), {},
            ("P01", "rewards[0]"),
        ),
        (Fall(by="count", levels=(1,), price_bps=(4_999,)), (), {}, ("P01", "progress.price_bps")),
        (Haggle(floor_bps=4_999, rounds=3), (), {}, ("P01", "progress.floor_bps")),
    ],
)  # fmt: skip
def test_a_rule_tells_what_breaks_it_and_where(
    progress: Progress, rewards: tuple[Reward, ...], others: dict[str, Any], found: tuple[str, str]
) -> None:
    assert found in broken(verdict(play_of(progress, rewards, **others)))


@pytest.mark.parametrize(
    ("fact", "by", "to", "is_help"),
    [
        ("helped", "anybody", "unit", True),
        ("joined", "others", "opener", True),
        ("voted", "anybody", "both", True),
        ("joined", "opener", "opener", False),
        ("joined", "others", "others", False),
        ("paid", "others", "opener", False),
        ("scanned", "others", "opener", False),
    ],
)
def test_help_is_seen_under_other_names(fact: Any, by: Any, to: Any, is_help: bool) -> None:
    counts = (Counting(fact=fact, by=by, measure="people"),)
    play = play_of(Reach(levels=(3,)), (Coupon(off_fen=500, to=to),), counts=counts, **BUYERS)

    refused = [one.place for one in verdict(play).refusals(Channel.WECHAT_GROUP)]
    assert refused == (["counts[0].fact"] if is_help else [])


@pytest.mark.parametrize(
    ("channel", "warned"), [("wechat_chat", 15), ("wechat_group", 17), ("moments", 6), ("bare_chat", 0), ("alipay", 99)]
)
def test_how_many_start_with_a_warning_of_their_channel(channel: str, warned: int) -> None:
    found = [verdict(play).of(Channel(channel)) for play in plays().values()]
    started = [one for one in found if all(finding.severity is Severity.WARN for finding in one)]

    assert sum(any(finding.channel for finding in one) for one in started) == warned


def test_two_commission_levels_pass_and_a_third_is_taken_away() -> None:
    levels = tuple(Uplift(bps=100, most_fen=500, commission_level=level) for level in (1, 2, 3))
    of_fen = {"counts": (Counting(fact="collected", measure="fen"),)}
    limits = Limits(budget_fen=10_000, commission_levels=3)
    play = play_of(Reach(levels=(1,)), levels, limits=limits, **of_fen)

    (finding,) = [one for one in verdict(play).findings if one.rule == "L10"]

    assert finding.changed is not None
    assert finding.changed.rewards == levels[:2]
    assert broken(verdict(finding.changed)) == []


def draw_of(terms: Text, *, worth: int = 600, odds: int = 5_000) -> Definition:
    prizes = (Prize(name=make.text(), odds_ppm=odds),)
    limits = Limits(budget_fen=100_000_000, stock=5)
    return play_of(Draw(prizes=prizes), (Goods(sku="eggs", worth_fen=worth),), terms=terms, limits=limits)


@pytest.mark.parametrize(
    ("zh", "en", "found"),
    [
        ("中奖率 0.5%，值 6 元", "odds 0.5%, worth 6 yuan", []),
        ("中奖率 0.5%，其余 99.5% 不中，值 6 元", "odds 0.5%, worth 6 yuan", []),
        ("中奖率很高，值 6 元", "odds 0.5%, worth 6 yuan", [("A03", "terms.zh")]),
        ("中奖率 0.5%，值 6 元", "odds 5%, worth 6 yuan", [("A03", "terms.en")] * 2),
        ("中奖率 0.5%，值不少", "odds 0.5%, worth 6 yuan", [("A03", "terms.zh")]),
    ],
)
def test_terms_state_the_odds_and_prizes_of_the_table(zh: str, en: str, found: list[tuple[str, str]]) -> None:
    terms = Text(zh=f"邻居每天开始，{{until}} 截止，{zh}", en=f"Neighbours, from 8:00 until {{until}}; {en} you get")

    assert broken(verdict(draw_of(terms))) == found


@pytest.mark.parametrize(("worth", "is_lawful"), [(5_000_000, True), (5_000_001, False)])
def test_the_biggest_prize_is_fifty_thousand_yuan(worth: int, is_lawful: bool) -> None:
    yuan = f"{worth // 100}.{worth % 100:02d}"
    terms = Text(
        zh=f"邻居每天开始，{{until}} 截止，中奖率 0.5%，值 {yuan} 元",
        en=f"Neighbours, from 8:00 until {{until}}; odds 0.5%, worth {yuan} yuan",
    )

    assert broken(verdict(draw_of(terms, worth=worth))) == ([] if is_lawful else [("A03", "progress.prizes[0]")])


def test_a_draw_at_the_end_states_how_many_win() -> None:
    prizes = (Prize(name=make.text(), winners=3),)
    terms = Text(zh="邻居每天开始，{until} 开奖，前三名中奖", en="Neighbours, from 8:00 until {until}; 2 people win")
    play = play_of(Draw(prizes=prizes, when="at_end"), terms=terms)

    assert broken(verdict(play)) == [("A03", "terms.en")]


@pytest.mark.parametrize(
    ("reward", "limits", "coupon", "deepest"),
    [
        # 10.00 a day
        (Price(price_bps=8_500, most_fen=500), {}, (0, 0), 850),
        (Price(price_bps=8_500, most_fen=100), {}, (0, 0), 900),
        (Price(price_bps=3_333, most_fen=900), {}, (0, 0), 333),
        (Price(price_bps=6_000, most_fen=800), {"price_floor_bps": 8_000}, (0, 0), 800),
        (Price(price_bps=8_500, most_fen=500), {}, (200, 0), 650),
        (Price(price_bps=8_500, most_fen=500), {}, (200, 2_000), 765),
        # 2 off the next 20 is a tenth of it
        (Coupon(off_fen=200, over_fen=2_000), {}, (0, 0), 900),
        (Coupon(off_fen=200, over_fen=2_000), {}, (300, 2_000), 850),
        (Rebate(share_bps=1_000, most_fen=300), {}, (0, 0), 900),
        (Rebate(share_bps=10_000, most_fen=300), {}, (0, 0), 700),
    ],
)
def test_how_deep_a_price_can_fall(
    reward: Reward, limits: dict[str, int], coupon: tuple[int, int], deepest: int
) -> None:
    play = play_of(Reach(levels=(1,)), (reward,), limits=Limits(budget_fen=100_000, **limits))
    prices = Prices(goods=(POTATOES,), coupon_off=Money(coupon[0]), coupon_over=Money(coupon[1]))

    assert deepest_price(play, POTATOES, prices).price == Money(deepest)


def test_tiers_of_one_order_add_up() -> None:
    """180 yuan in a day bring 18 back: a tenth of every unit."""
    assert deepest_price(plays()["spend-and-save"], POTATOES, PRICES).price == Money(900)


@pytest.mark.parametrize(
    ("on", "ground", "severity"),
    [
        (TODAY, None, Severity.REFUSE),
        (TODAY, Ground.FRESH, Severity.WARN),
        (TODAY, Ground.NEAR_EXPIRY, Severity.WARN),
        (date(2026, 4, 9), Ground.NEAR_EXPIRY, Severity.REFUSE),
    ],
)
def test_below_cost_needs_a_ground_of_the_law_of_the_day(on: date, ground: Ground | None, severity: Severity) -> None:
    exemption = ground and Exemption(ground=ground, reason="明天到期")
    goods = replace(POTATOES, cost=Money(800), exemption=exemption)

    found = verdict(plays()["expiring-lot"], prices=Prices(goods=(goods,)), on=on)

    (finding,) = [one for one in found.findings if one.rule == "P01"]
    assert (finding.severity, finding.article) == (severity, "14(2)")


def test_a_price_below_cost_comes_with_a_floor_that_is_not() -> None:
    goods = replace(POTATOES, cost=Money(800))
    prices = Prices(goods=(goods,))

    (finding,) = [one for one in verdict(plays()["flash-sale"], prices=prices).findings if one.rule == "P01"]

    assert finding.changed is not None
    assert finding.changed.limits.price_floor_bps == 8_000
    assert verdict(finding.changed, prices=prices).may_start(Channel.WECHAT_GROUP)


def test_without_prices_the_price_is_for_a_person_to_check() -> None:
    assert ("P01", "rewards") in broken(verdict(plays()["flash-sale"], prices=Prices()), Severity.WARN)
    assert ("P01", "rewards") not in broken(verdict(plays()["food-quiz"], prices=Prices()), Severity.WARN)


@pytest.mark.parametrize(
    ("play", "found"),
    [
        ("top-up-bonus", ("C06", "terms")),
        ("flash-sale", ("P15", "funding[1]")),
        ("mystery-box", ("R08", "terms")),
    ],
)
def test_what_a_machine_cannot_know_is_for_a_person(play: str, found: tuple[str, str]) -> None:
    assert found in broken(verdict(plays()[play]), Severity.WARN)


def test_money_taken_beforehand_says_how_it_comes_back() -> None:
    play = plays()["top-up-bonus"]
    silent = replace(play, terms=replace(play.terms, zh=play.terms.zh.replace("存管", "保管")))

    assert broken(verdict(silent)) == [("C06", "terms.zh")]


@pytest.mark.parametrize(
    ("progress", "others", "is_lottery"),
    [
        (Draw(prizes=(Prize(name=make.text(), winners=1),), when="at_end"), BUYERS, True),
        (Draw(prizes=(Prize(name=make.text(), winners=1),), when="at_end"), {}, False),
        (Reach(levels=(3,)), BUYERS, False),
    ],
)
def test_lottery_groups_start_nowhere(progress: Progress, others: dict[str, Any], is_lottery: bool) -> None:
    found = verdict(play_of(progress, **others))

    assert (("L12", "progress") in broken(found)) == is_lottery


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """Plays of the catalogue with parts of others, and words that nobody would write."""
    some, other = draw(st.sampled_from(list(plays().values()))), draw(st.sampled_from(list(plays().values())))
    parts = draw(
        st.sets(st.sampled_from(["trigger", "participants", "counts", "progress", "rewards", "limits", "funding"]))
    )
    words = Text(zh=draw(st.text(min_size=1)), en=draw(st.text(min_size=1)))
    played = replace(
        some,
        **{part: getattr(other, part) for part in parts},
        share=tuple(draw(st.lists(st.sampled_from([form.value for form in Form]), min_size=1))),
        terms=draw(st.sampled_from([some.terms, words])),
        rewrite=draw(st.sampled_from([some.rewrite, None])),
    )
    assume(not faults(played))
    return played


prices = st.builds(
    Prices,
    goods=st.lists(
        st.builds(
            GoodsPrice,
            goods=st.just("x"),
            day=st.integers(0, 10**7).map(Money),
            cost=st.integers(0, 10**7).map(Money),
            exemption=st.none() | st.builds(Exemption, ground=st.sampled_from(Ground), reason=st.text()),
        ),
        max_size=2,
    ).map(tuple),
    coupon_off=st.integers(0, 10**6).map(Money),
    coupon_over=st.integers(0, 10**6).map(Money),
)
days = st.dates(date(1990, 1, 1), date(2030, 1, 1))
unhurried = settings(suppress_health_check=[HealthCheck.filter_too_much], deadline=None)


@unhurried
@given(definitions(), prices, days)
def test_whatever_is_sound_has_a_verdict_that_says_itself(play: Definition, priced: Prices, on: date) -> None:
    found = verdict(play, prices=priced, on=on)

    for channel in Channel:
        for finding in found.of(channel):
            assert finding.tells("zh") != finding.tells("en")
        assert found.may_start(channel) == (found.refusals(channel) == ())


@unhurried
@given(definitions(), bans(), days)
def test_one_more_dated_ban_never_lets_more_plays_start(play: Definition, ban: Row, on: date) -> None:
    stricter = Policy(channel_policy().channels, (*channel_policy().rows, ban))

    before = verdict(play, on=on)
    after = lint(play, channels=stricter, on=on, prices=PRICES)

    assert [one for one in Channel if after.may_start(one) and not before.may_start(one)] == []


@unhurried
@given(definitions(), prices, days)
def test_a_changed_definition_is_sound_and_passes_the_rule(play: Definition, priced: Prices, on: date) -> None:
    for finding in verdict(play, prices=priced, on=on).findings:
        if finding.changed is not None:
            assert faults(finding.changed) == []
            assert finding_key(finding) not in {
                finding_key(one) for one in verdict(finding.changed, prices=priced, on=on).findings
            }


def finding_key(finding: Finding) -> tuple[str, str, Severity, Channel | None]:
    return finding.rule, finding.place, finding.severity, finding.channel
