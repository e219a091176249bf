"""A leader starts plays with their eyes open: by pages and actions alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import public_id
from lintuan.leaders.types import PointView
from lintuan.ordering import commands as ordering_commands
from lintuan.ordering.queries import orders
from lintuan.ordering.types import OrderRequest
from lintuan.pages.compose.leader.plays import AIMS
from lintuan.plays import commands, queries
from lintuan.plays.catalogue import plays as catalogue
from lintuan.plays.models import Campaign, Run
from lintuan.plays.types import NewTrial
from lintuan.pricing.types import OfferView
from lintuan.sharing.types import Channel
from tests.make import campaigns, leaders, members, ordering, pricing
from tests.make.pages import LANGUAGES, actions, ask, document
from tests.make.provinces import HUBEI, staff
from tests.pages.hand import Hand, Refused

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]
CHANNEL = "wechat_group"
REFRESH = {"do": "refresh", "text": "Refresh"}


@pytest.fixture
def point(clock_at: Clock) -> PointView:
    clock_at(ordering.EVENING)
    return leaders.point()


@pytest.fixture
def goods(point: PointView) -> tuple[OfferView, ...]:
    return pricing.offers(3, price_of=lambda place: 2000, cost_fen=500)


def hand(point: PointView, language: str = "en") -> Hand:
    found = Hand(leaders.leader_of(point), language=language)
    found.point = public_id("point", HUBEI, point.id)
    return found


def offer_id(offer: OfferView) -> str:
    return public_id("offer", HUBEI, offer.id)


def badge(found: Hand, title: str) -> str:
    return next(row["badge"] for node in found.nodes("list") for row in node["rows"] if row["title"] == title)


def metric(found: Hand, label: str) -> str:
    (value,) = [one["value"] for node in found.nodes("metric_row") for one in node["items"] if one["label"] == label]
    return str(value)


def contents(found: Hand) -> list[str]:
    return [form["content"] for node in found.nodes("share_panel") for form in node["forms"]]


def button(found: Hand, label: str) -> dict[str, Any]:
    return next(one for node in found.nodes("buttons") for one in node["items"] if one["label"] == label)


def test_a_banned_play_is_refused_its_rewrite_starts_pays_and_stops(
    clock_at: Clock, point: PointView, goods: tuple[OfferView, ...]
) -> None:
    leader = hand(point)
    leader.open("tonight")
    leader.tap("Plays")
    leader.tap(AIMS[catalogue()["lottery-group"].aim][1])
    assert badge(leader, "Lottery group") == "May not start"
    leader.tap("Lottery group")
    assert "rule L12" in leader.texts()
    assert all(one["label"] != "Start it" for node in leader.nodes("buttons") for one in node["items"])

    leader.tap("Use this instead: Neighbours' group")
    assert "It may start on: " in leader.texts()
    leader.tap("Check whether this may start", about=[offer_id(goods[0])])
    leader.tap("Start it")
    assert leader.page["name"] == "play_standing"
    assert (metric(leader, "Orders in this play"), metric(leader, "Cost so far")) == ("0", "¥0.00")
    campaign = Campaign.objects.get()
    assert (campaign.code, campaign.channel, campaign.sku_ids) == ("neighbours-group", CHANNEL, [goods[0].sku_id])
    assert [one["severity"] for one in campaign.verdict] == ["warn"] * len(campaign.verdict)

    code = a_full_group(campaign.id, point, goods[0])
    leader.do(REFRESH, {})
    assert metric(leader, "Orders in this play") == "3"
    assert (metric(leader, "What they come to"), metric(leader, "People")) == ("¥60.00", "3")
    assert any(code in text for text in contents(leader))
    assert not any(brace in text for text in contents(leader) for brace in "{}…")

    clock_at("2026-11-20T22:56+08:00")
    campaigns.end()
    catch_up(Horizon.OWN)
    leader.do(REFRESH, {})
    assert metric(leader, "Cost so far") == "¥9.00"
    assert "given 3 times" in leader.texts()
    assert "Budget in all: " in leader.texts()

    leader.tap("Stop it")
    assert "State: Over" in leader.texts()
    campaign.refresh_from_db()
    assert campaign.state == "stopped"
    leader.tap("See other plays")
    assert badge(leader, "Neighbours' group") == "Over"


def a_full_group(campaign_id: int, point: PointView, goods: OfferView) -> str:
    """Three neighbours of one group have paid; its code."""
    people = members.members(3)
    for one in people:
        leaders.choose(one, point)
    run_id = commands.open_run(people[0], province_id=HUBEI, campaign_id=campaign_id)
    for one in people:
        wish = OrderRequest(point.id, (ordering.line(goods),), run_id=run_id)
        order_id = ordering_commands.place_order(one, province_id=HUBEI, request=wish)
        ordering.pay(orders(HUBEI, [order_id])[order_id])
    catch_up(Horizon.OWN)
    return Run.objects.get(id=run_id).code


def test_words_for_the_group_follow_how_far_it_is(point: PointView, goods: tuple[OfferView, ...]) -> None:
    one = campaigns.started(leaders.leader_of(point), "target-relay", point, goods[0])
    leader = hand(point)
    leader.open("play_standing", campaign=public_id("campaign", HUBEI, one.id))
    before = contents(leader)

    for fen, member in ((3500, members.member()), (2000, members.member())):
        campaigns.hear(campaigns.paid(member, fen, point=point, sku_id=goods[0].sku_id))
    leader.do(REFRESH, {})

    invite, progress, *_ = contents(leader)
    assert not any("to go" in text for text in before)
    assert "at 55.00 yuan, 545.00 yuan to go" in progress
    assert Run.objects.get().code in invite


def test_words_for_the_group_tell_no_figure_of_one_neighbour(point: PointView, goods: tuple[OfferView, ...]) -> None:
    """Each buys for themselves: what was spent is said to who spent it."""
    one = campaigns.started(leaders.leader_of(point), "spend-and-save", point, goods[0])
    campaigns.hear(campaigns.paid(members.member(), 3500, point=point, sku_id=goods[0].sku_id))
    leader = hand(point)
    leader.open("play_standing", campaign=public_id("campaign", HUBEI, one.id))

    said = contents(leader)

    assert any("30.00 yuan reached" in text for text in said)
    assert [text for text in said if "35.00" in text or "15.00" in text] == []


def test_a_round_that_has_not_begun_has_words_without_a_code(point: PointView, goods: tuple[OfferView, ...]) -> None:
    one = campaigns.started(leaders.leader_of(point), "neighbourhood-pot", point, goods[0])
    leader = hand(point, "zh-hans")
    leader.open("play_standing", campaign=public_id("campaign", HUBEI, one.id))

    first, *_ = contents(leader)
    assert "口令 见活动页" in first
    commands.begin_runs(SYSTEM, province_id=HUBEI)
    leader.do(REFRESH, {})
    assert Run.objects.get().code in contents(leader)[0]


def test_rounds_that_neighbours_opened_have_words_of_their_own(point: PointView, goods: tuple[OfferView, ...]) -> None:
    one = campaigns.started(leaders.leader_of(point), "neighbours-group", point, goods[0])
    opener = members.member()
    leaders.choose(opener, point)
    run_id = commands.open_run(opener, province_id=HUBEI, campaign_id=one.id)
    code = Run.objects.get(id=run_id).code

    leader = hand(point)
    leader.open("play_standing", campaign=public_id("campaign", HUBEI, one.id))

    assert any(code in text for text in contents(leader))


def test_forms_follow_the_channel(point: PointView, goods: tuple[OfferView, ...]) -> None:
    forms = {}
    for channel in ("wechat_group", "bare_chat"):
        one = campaigns.started(leaders.leader_of(point), "neighbours-group", point, goods[0], channel=channel)
        leader = hand(point)
        leader.open("play_standing", campaign=public_id("campaign", HUBEI, one.id))
        forms[channel] = {form["form"] for node in leader.nodes("share_panel") for form in node["forms"]}

    assert "card" in forms["wechat_group"]
    assert forms["bare_chat"] == {"text"}


def test_named_goods_are_chosen_before_it_starts(point: PointView, goods: tuple[OfferView, ...]) -> None:
    leader = hand(point)
    leader.open("play_start", play="golden-egg")
    assert button(leader, "Start it")["disabled"] == "Choose its goods and check first."

    leader.tap("Check whether this may start", **{"goods.farm-eggs-10": offer_id(goods[1])})
    assert "disabled" not in button(leader, "Start it")
    leader.tap("Start it")

    assert Campaign.objects.get().goods == {"farm-eggs-10": goods[1].sku_id}


def test_a_price_below_cost_is_told_before_and_gone_with_other_goods(point: PointView) -> None:
    dear, cheap = pricing.offer(2000, cost_fen=1950), pricing.offer(2000, cost_fen=500)
    leader = hand(point)
    leader.open("play_start", play="target-relay")
    assert "rule P01" in leader.texts()

    leader.tap("Check whether this may start", about=[offer_id(dear)])
    assert "rule P01" in leader.texts()
    leader.tap("Check whether this may start", about=[offer_id(cheap)])
    assert "rule P01" not in leader.texts()
    leader.tap("Start it")
    assert Campaign.objects.get().sku_ids == [cheap.sku_id]


@pytest.mark.parametrize("language", LANGUAGES)
def test_aims_and_channels_stand_behind_the_plays_that_they_choose(point: PointView, language: str) -> None:
    leader = hand(point, language)
    leader.open("play_shelf")

    (tabs,) = leader.nodes("tabs")
    plays, aims, channels, refused = tabs["items"]
    assert [one["badge"] for tab in (aims, channels) for one in tab["body"][0]["rows"] if "badge" in one] == [
        {"en": "Chosen", "zh-hans": "已选"}[language]
    ] * 2
    assert len(aims["body"][0]["rows"]) == len(AIMS)
    assert len(channels["body"][0]["rows"]) == len(Channel)
    assert all(row["title"] in tabs["text"] for tab in tabs["items"] for row in tab["body"][-1]["rows"])
    known = [row["title"] for row in plays["body"][-1]["rows"]]
    assert {row["tone"] for row in plays["body"][-1]["rows"]} == {"good"}
    assert {row["tone"] for row in refused["body"][-1]["rows"]} == {"bad"}

    leader.do(aims["body"][0]["rows"][-1]["tap"], {})
    again = leader.nodes("tabs")[0]["items"]
    assert not set(known) & {row["title"] for row in again[0]["body"][-1]["rows"]}
    assert "badge" in again[1]["body"][0]["rows"][-1]


def test_what_became_unlawful_meanwhile_is_refused_all_the_same(point: PointView, goods: tuple[OfferView, ...]) -> None:
    leader = hand(point)
    leader.open("play_start", play="target-relay")
    leader.tap("Check whether this may start", about=[offer_id(goods[0])])
    pricing.publish_again(goods[0], cost_fen=1990)

    with pytest.raises(Refused) as why:
        leader.tap("Start it")
    assert why.value.args[0]["facts"]["rule"] == "P01"
    assert not Campaign.objects.exists()


def test_figures_are_asked_for_and_honest(point: PointView, goods: tuple[OfferView, ...]) -> None:
    leader = hand(point)
    leader.open("play_start", play="target-relay")
    leader.tap("Work out cost and outcome")
    assert "0 comparable evenings of 19 needed: not enough to say." in leader.texts()

    leader.open("play_start", play="counter-help", rehearse="1")
    assert "The past does not show scans at the counter" in leader.texts()


def test_figures_have_a_band_and_what_they_take_for_granted(clock_at: Clock, point: PointView) -> None:
    """The least that there must be: so many evenings, and on each another neighbour."""
    for later in range(19):
        on = ordering.SALE_ON + timedelta(days=later)
        clock_at(f"{on.isoformat()}T20:00+08:00")
        goods = pricing.offer(4000, cost_fen=500)
        ordering.paid_order(ordering.line(goods, 20), point=point)
        clock_at(f"{on.isoformat()}T23:10+08:00")
        ordering.close_day(on)
    clock_at("2026-12-09T20:00+08:00")

    leader = hand(point)
    leader.open("play_start", play="target-relay", rehearse="1")
    first = leader.texts()
    leader.open("play_start", play="target-relay", rehearse="1")

    assert "From: 19 evenings" in first
    assert "Cost at most: ¥" in first
    assert "nobody is assumed to buy more, or less, because of the play" in first
    assert leader.texts() == first


def test_the_campaign_of_another_leader_is_not_there(point: PointView, goods: tuple[OfferView, ...]) -> None:
    one = campaigns.started(leaders.leader_of(point), "target-relay", point, goods[0])
    other = leaders.leader_of(leaders.point())

    with pytest.raises(NotFound):
        ask("play_standing", other, {"campaign": public_id("campaign", HUBEI, one.id)})
    shelf = document(ask("play_shelf", other))
    assert all(action.get("page") != "play_standing" for action in actions(shelf))


@pytest.mark.parametrize("wrong", [{"channel": "chat"}, {"until": "tomorrow"}, {"until": "2026-11-22T23:00"}])
def test_an_address_that_says_nothing_is_refused(
    point: PointView, goods: tuple[OfferView, ...], wrong: dict[str, str]
) -> None:
    leader = hand(point)
    status, _ = leader.api.get(f"/pages/play_start?{urlencode({'play': 'target-relay', **wrong})}")

    assert status == 422


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_groups_like_theirs_took_to_is_recommended_first(
    point: PointView, goods: tuple[OfferView, ...], language: str
) -> None:
    bare = hand(point, language)
    bare.open("play_shelf", channel="bare_chat")
    assert all(node.get("key") != "plays-recommended" for node in bare.nodes("list"))
    commands.learn(SYSTEM, province_id=HUBEI)
    offered = [choice.play for choice in commands.recommend(SYSTEM, province_id=HUBEI, leader_id=point.leader_id)]

    told = hand(point, language)
    told.open("play_shelf", channel="bare_chat")

    (node,) = [node for node in told.nodes("list") if node.get("key") == "plays-recommended"]
    names = [row["title"] for row in node["rows"]]
    known = [catalogue()[code].name.in_(language) for code in offered if code in catalogue()]
    assert len(names) == 5
    assert names == [name for name in known if name in names]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_quiz_says_what_it_needs_and_starts_with_ready_questions(
    point: PointView, goods: tuple[OfferView, ...], language: str
) -> None:
    leader = hand(point, language)
    leader.open("play_start", play="food-quiz")
    assert {"en": "You bring: 5 questions or more", "zh-hans": "您要准备: 至少 5 道题"}[language] in leader.texts()

    leader.tap({"en": "Use what is ready", "zh-hans": "用现成的"}[language])
    leader.tap({"en": "Start it", "zh-hans": "发起"}[language])

    questions = Campaign.objects.get().content["questions"]
    assert len(questions) == 5
    assert all(one["zh"] != one["en"] and one["why_en"] for one in questions)


def test_a_leader_types_questions_and_is_told_what_is_wrong_with_them(
    point: PointView, goods: tuple[OfferView, ...]
) -> None:
    leader = hand(point)
    leader.open("play_start", play="food-quiz")
    one = "哪样先吃？\n* 菠菜\n南瓜"

    for text, code in ((one, "content_missing"), (one.replace("* ", ""), "content_wrong")):
        with pytest.raises(Refused, match=code):
            leader.tap("Start it", **{"content.questions": text})
    assert not Campaign.objects.exists()
    leader.tap("Start it", **{"content.questions": "\n\n".join([one] * 5)})

    assert [one["answer"] for one in Campaign.objects.get().content["questions"]] == [0] * 5


def test_a_riddle_is_sealed_with_its_answer_and_shown_without(point: PointView, goods: tuple[OfferView, ...]) -> None:
    leader = hand(point)
    leader.open("play_start", play="hide-and-guess")
    leader.tap("Start it", **{"content.questions": "长在泥里一节节\n山药\n* 莲藕"})

    campaign = Campaign.objects.get()
    commands.begin_runs(SYSTEM, province_id=HUBEI)
    lin = members.member()
    leaders.choose(lin, point)
    shown = Hand(lin)
    shown.point = public_id("point", HUBEI, point.id)
    shown.open("play", play=public_id("campaign", HUBEI, campaign.id))

    (quiz,) = shown.nodes("play_quiz")
    assert [choice["value"] for choice in quiz["questions"][0]["choices"]] == ["山药", "莲藕"]
    assert "长在泥里一节节" in shown.texts()
    assert "The answer is sealed: " in shown.texts()
    assert campaign.content["answer"] == "莲藕"


def test_entries_of_a_vote_are_typed_or_are_the_goods(point: PointView, goods: tuple[OfferView, ...]) -> None:
    leader = hand(point)
    leader.open("play_start", play="wish-list")
    with pytest.raises(Refused, match="content_missing"):
        leader.tap("Start it")
    leader.tap("Start it", **{"content.entries": "洪山菜薹\n荸荠"})
    leader.open("play_start", play="wish-list", about=f"{offer_id(goods[0])}.{offer_id(goods[1])}")
    leader.tap("Start it")

    typed, of_goods = Campaign.objects.order_by("id")
    assert typed.content["entries"] == [[1, "洪山菜薹"], [2, "荸荠"]]
    assert of_goods.sku_ids == sorted([goods[0].sku_id, goods[1].sku_id])


@pytest.mark.parametrize(
    ("language", "told", "usual"),
    [
        ("en", "comes first in what is recommended", "nothing is changed for you"),
        ("zh-hans", "给您的推荐里“打包一口价”排第一", "您这里一切照旧"),
    ],
)
def test_a_trial_puts_a_play_first_says_so_and_can_be_left(
    point: PointView, goods: tuple[OfferView, ...], language: str, told: str, usual: str
) -> None:
    views = [point, *leaders.points(3)]
    trial = NewTrial("which-first", ("as now", "any-four"), matters=50.0, days=7, least_leaders=2)
    commands.begin_trial(staff("plays.edit"), province_id=HUBEI, trial=trial)
    first = {view.leader_id: queries.put_first(HUBEI, view.leader_id) for view in views}
    changed, *_, same = sorted(views, key=lambda view: first[view.leader_id], reverse=True)

    other = hand(same, language)
    other.open("play_shelf")
    assert usual in other.texts()
    shelf = hand(changed, language)
    shelf.open("play_shelf")
    assert told in shelf.texts()
    (node,) = [node for node in shelf.nodes("list") if node.get("key") == "plays-recommended"]
    assert node["rows"][0]["title"] == catalogue()["any-four"].name.in_(language)
    _, plays = shelf.api.get(f"/leader/plays?{urlencode({'point': public_id('point', HUBEI, changed.id)})}")
    assert plays[0]["code"] == "any-four"

    shelf.tap({"en": "Leave the trial", "zh-hans": "退出试验"}[language])

    shelf.open("play_shelf")
    assert told not in shelf.texts()
    assert all(node.get("key") != "plays-recommended" for node in shelf.nodes("list"))
