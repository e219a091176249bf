"""Plays from their pages alone: what is offered is done, what comes of it is told, and anybody can check it."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from lintuan.kernel.callers import NOBODY, Caller
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.leaders.types import PointView
from lintuan.plays.catalogue import plays
from lintuan.plays.engine.definition import Definition, Limits, Skin, Trigger
from lintuan.plays.engine.progress import Collect, Draw, Prize, Reach
from lintuan.plays.engine.rewards import Cash, Chance, Coupon, Pot
from lintuan.plays.models import Grant, Run
from lintuan.plays.papers import counter_code, gift_code
from lintuan.plays.types import CampaignView, Content, Question
from tests.documented import draw_checker
from tests.make import campaigns, leaders, members, pages, pricing
from tests.make import plays as make
from tests.make.http import Api
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI
from tests.pages.hand import Hand, Refused

pytestmark = pytest.mark.django_db

#: Turns until the wheel said everything that it can: the chance of more than this is one in a hundred billion.
MANY = 80
QUESTIONS = (
    Question(zh="哪个是根？", en="Which is a root?", options=(("萝卜", "Radish"), ("番茄", "Tomato")), answer=0),
    Question(zh="哪个是豆？", en="Which is a bean?", options=(("南瓜", "Pumpkin"), ("豌豆", "Pea")), answer=1),
)


@pytest.fixture
def point(clock_at) -> PointView:
    clock_at(EVENING)
    return leaders.point()


def neighbour(point: PointView, name: str = "Lin") -> Caller:
    member = members.member(name=name)
    leaders.choose(member, point)
    return member


def on_page(who: Caller, point: PointView, one: CampaignView) -> Hand:
    hand = Hand(who)
    hand.point = public_id("point", HUBEI, point.id)
    hand.open("play", play=public_id("campaign", HUBEI, one.id))
    return hand


def started(play: Definition, content: Content | None = None, **given: Any) -> CampaignView:
    return campaigns.running(play, content=msgspec.to_builtins(content or Content()), **given)


def wheel(**others: Any) -> Definition:
    """One turn for each check-in of the day; every second one wins."""
    fields: dict[str, Any] = {
        "code": "some-wheel",
        "trigger": Trigger(kind="check_in", every="day"),
        "counts": (make.counting("checked_in", most_per_day=1),),
        "skin": Skin(kind="play_wheel", title=make.text("Wheel")),
        "limits": Limits(budget_fen=10_000),
        **others,
    }
    prizes = (Prize(name=make.text("One"), odds_ppm=300_000, stock=3), Prize(name=make.text("Two"), odds_ppm=400_000))
    return make.definition(Draw(prizes=prizes), [Cash(level=0, fen=100), Cash(level=1, fen=50)], **fields)


def test_what_a_wheel_said_is_what_anybody_computes_after_its_end(point, clock_at):
    one = started(wheel())
    told: dict[str, int | None] = {}
    for number in range(MANY):
        if set(told.values()) == {None, 0, 1}:
            break
        hand = on_page(neighbour(point, f"N{number}"), point, one)
        (node,) = hand.nodes("play_wheel")
        assert node["chances"] == 1
        answer = hand.do(node["act"], {})
        told[answer["ticket"]] = answer["prize"]
        assert hand.nodes("play_wheel")[0]["chances"] == 0
        with pytest.raises(Refused):
            hand.do(node["act"], {})
    run = public_id("run", HUBEI, campaigns.only_run().id)
    _, before = Api().get(f"/runs/{run}/log")
    assert (before["run"]["seed"], before["tickets"]) == ("", [])

    clock_at("2026-11-21T00:30+08:00")
    campaigns.end()

    status, log = Api().get(f"/runs/{run}/log")
    assert status == 200
    assert log["run"]["commitment"] == before["run"]["commitment"]
    computed = draw_checker()(log)
    assert {ticket: computed.get(ticket) for ticket in told} == told
    assert {ticket["name"]: ticket["prize"] for ticket in log["tickets"]} == told
    assert set(told.values()) == {None, 0, 1}
    guest = Hand()
    guest.open("proof", run=run)
    assert log["run"]["seed"] in guest.texts()
    assert all(ticket in guest.texts() for ticket in told)


def test_a_draw_at_the_end_is_what_anybody_computes(point, clock_at):
    prizes = (Prize(name=make.text("One"), winners=1), Prize(name=make.text("Two"), winners=2))
    play = make.definition(
        Draw(prizes=prizes, when="at_end", least=3, one_each=True), [Cash(level=0, fen=100), Cash(level=1, fen=50)],
        trigger=Trigger(kind="check_in", every="day"), counts=(make.counting("joined", most=2),),
        skin=Skin(kind="play_board", title=make.text("Draw")), limits=Limits(budget_fen=10_000),
    )  # fmt: skip
    one = started(play)
    for number in range(5):
        hand = on_page(neighbour(point, f"N{number}"), point, one)
        for _ in range(2):
            hand.tap("Take part")
    clock_at("2026-11-21T00:30+08:00")
    campaigns.end()

    _, log = Api().get(f"/runs/{public_id('run', HUBEI, campaigns.only_run().id)}/log")
    computed = draw_checker()(log)
    owners = {int(ticket.split(":")[1]): prize for ticket, prize in computed.items()}

    assert {ticket["name"]: ticket["prize"] for ticket in log["tickets"] if ticket["prize"] is not None} == computed
    given = Grant.objects.filter(state="given").values_list("member_id", "reward")
    assert sorted(given) == sorted(owners.items())
    assert sorted(computed.values()) == [0, 1, 1]


def test_nobody_gives_themselves_tickets_or_a_card_of_their_choice(point):
    lin = neighbour(point)
    one = started(wheel())
    path = f"/plays/{public_id('campaign', HUBEI, one.id)}/deeds"

    status, _ = Api(lin).post(f"{path}/redeem", {"steps": 30_000, "code": "1-AAAAAA"}, key="k")
    assert status == 422
    cards = make.definition(
        Collect(of=("spring", "summer"), levels=(2,)), [Chance(play="some-wheel")],
        counts=(make.counting("checked_in", "kinds"),), skin=Skin(kind="play_cards", title=make.text("Cards")),
    )  # fmt: skip
    hand = on_page(lin, point, started(cards))
    answer = hand.tap("Check in")
    (node,) = hand.nodes("play_cards")
    (turned,) = [card["name"] for card in node["cards"] if card.get("have")]
    assert answer["text"].startswith(f"It is {turned}. ")


def test_a_vote_counts_for_its_entry_and_shows(point, clock_at):
    play = plays()["wish-list"]
    one = started(play, Content(entries=((7, "Leeks"), (8, "Okra"))), point_ids=[point.id])
    lin, wu = neighbour(point), neighbour(point, "Wu")
    clock_at("2026-11-22T20:30+08:00")
    assert "Not on now" in on_page(lin, point, one).texts()
    clock_at("2026-11-27T20:30+08:00")

    on_page(lin, point, one).tap("Vote for Okra")
    hand = on_page(wu, point, one)
    hand.tap("Vote for Okra")

    (node,) = hand.nodes("play_vote")
    assert {entry["title"]: entry["votes"] for entry in node["entries"]} == {"Leeks": 0, "Okra": 2}
    assert [entry["title"] for entry in node["entries"] if entry.get("own")] == ["Okra"]
    hand.tap("Take my vote back")
    assert [entry["votes"] for entry in hand.nodes("play_vote")[0]["entries"]] == [0, 1]
    hand.tap("Vote for Leeks")
    assert [entry["votes"] for entry in hand.nodes("play_vote")[0]["entries"]] == [1, 1]
    with pytest.raises(Refused):
        hand.do({"do": "vote", "path": f"/api/v1/plays/{public_id('campaign', HUBEI, one.id)}/deeds/vote",
                 "body": {"entry": public_id("entry", HUBEI, 99)}}, {})  # fmt: skip
    clock_at("2026-11-23T19:00+08:00")
    assert "Not on now" in on_page(lin, point, one).texts()


def test_questions_are_answered_and_told_right_or_wrong(point):
    play = plays()["food-quiz"]
    lin = neighbour(point)
    hand = on_page(lin, point, started(play, Content(questions=QUESTIONS)))
    (node,) = hand.nodes("play_quiz")
    first, second = node["questions"]
    assert not first.get("right")

    right = hand.do(first["act"], {"value": "0"})
    wrong = hand.do(second["act"], {"value": "0"})

    assert (right["right"], right["text"][:6]) == ("0", "Right.")
    assert (wrong["right"], wrong["text"][:10]) == ("1", "Not right.")
    first, second = hand.nodes("play_quiz")[0]["questions"]
    assert [(one["given"], one["right"], "act" in one) for one in (first, second)] == [
        ("0", "0", False),
        ("0", "1", False),
    ]


def test_a_client_that_knows_no_quiz_answers_by_forms(point):
    hand = on_page(neighbour(point), point, started(plays()["food-quiz"], Content(questions=QUESTIONS)))
    (node,) = hand.nodes("play_quiz")

    hand.do(node["tap"], {})
    answer = hand.do(hand.nodes("form")[0]["submit"], {"answer": "0"})

    assert answer["right"] == "0"
    assert [form["key"] for form in hand.nodes("form")] == ["q2"]


def test_a_price_is_haggled_over_in_a_round_of_ones_own(point):
    sku_id = pricing.offer(1000, cost_fen=300).sku_id
    hand = on_page(neighbour(point), point, started(plays()["haggle"], sku_ids=[sku_id]))
    hand.tap("Open a round")
    assert hand.page["name"] == "run"
    (node,) = hand.nodes("play_price")
    assert (node["now_fen"], node["floor_fen"], node["bid"]["min"], node["bid"]["max"]) == (1000, 880, 880, 1000)

    with pytest.raises(Refused):
        hand.do(node["act"], {"value": 500})
    answer = hand.do(node["act"], {"value": 1000})

    assert answer["text"] == "Agreed: ¥10.00"
    assert "act" not in hand.nodes("play_price")[0]
    other = Hand(neighbour(point, "Wu"))
    other.open(*hand.here[:1], **hand.here[1])
    assert "act" not in other.nodes("play_price")[0]


def test_neighbours_of_a_building_play_together(point, clock_at):
    one = started(plays()["building-contest"], point_ids=[point.id])
    lin, wu, other = neighbour(point), neighbour(point, "Wu"), neighbour(point, "Qi")
    for who, label in ((lin, "3 dong"), (wu, "3  DONG"), (other, "5")):
        on_page(who, point, one).tap("This is mine", label=label)
    for who in (lin, wu, other):
        campaigns.hear(campaigns.paid(who, 2500, point=point))

    places = on_page(wu, point, one).nodes("play_ranking")[0]["places"]
    campaigns.hear(campaigns.paid(lin, 2500, point=point))

    assert [place["name"] for place in places] == []
    clock_at("2026-11-21T19:00+08:00")
    for who in (lin, wu):
        campaigns.hear(campaigns.paid(who, 2500, point=point))
    places = on_page(wu, point, one).nodes("play_ranking")[0]["places"]
    assert [(place["place"], place["name"], place.get("own", False)) for place in places] == [(1, "3 DONG", True)]
    clock_at("2026-11-23T00:30+08:00")
    campaigns.end()
    assert sorted(campaigns.grants(kind="pot")) == sorted([(lin.id, "pot", "given"), (wu.id, "pot", "given")])


def test_a_pot_is_shared_when_it_ends_and_told(point, clock_at):
    play = make.definition(
        Reach(levels=(3000,)), [Pot(fen=1000, most_fen=1000, split="by_count")],
        trigger=Trigger(kind="paid", every="day"), counts=(make.counting("paid", "fen"),),
        limits=Limits(budget_fen=1000),
    )  # fmt: skip
    one = started(play)
    lin, wu = neighbour(point), neighbour(point, "Wu")
    campaigns.hear(campaigns.paid(lin, 3000, point=point), campaigns.paid(wu, 1000, point=point))
    (node,) = on_page(lin, point, one).nodes("play_meter")
    assert (node["value"], node["target"], node["own"][0]["value"]) == (4000, 3000, "¥30.00")

    clock_at("2026-11-21T00:30+08:00")
    campaigns.end()

    hand = Hand(lin)
    hand.open("run", run=public_id("run", HUBEI, campaigns.only_run().id))
    (node,) = hand.nodes("play_meter")
    assert (node["state"], node["result"]["text"]) == ("over", "You have: 7.50 yuan of credit")
    _, mine = Api(wu).get("/me/grants")
    assert [(grant["kind"], grant["worth_fen"]) for grant in mine["grants"]] == [("pot", 250)]


def test_days_in_a_row_are_told(point, clock_at):
    one, lin = started(plays()["daily-check-in"]), neighbour(point)
    for day in (20, 21):
        clock_at(f"2026-11-{day}T21:00+08:00")
        hand = on_page(lin, point, one)
        assert hand.tap("Check in")["text"] == "You have: 2 points"
        (node,) = hand.nodes("play_streak")
        assert node["state"] == "done"

    assert [day["state"] for day in node["days"]] == ["done", "done", *["next"] * 5]
    clock_at("2026-11-23T21:00+08:00")
    (node,) = on_page(lin, point, one).nodes("play_streak")
    assert [day["state"] for day in node["days"]] == ["today", *["next"] * 6]


def test_the_paper_at_the_counter_is_needed_and_a_gift_card_is_good_once(point):
    lin, wu = neighbour(point), neighbour(point, "Wu")
    one = started(plays()["join-the-group"], point_ids=[point.id])
    hand = on_page(lin, point, one)
    with pytest.raises(Refused, match="play_code_unknown"):
        hand.tap("Send", code="AAAAAA")
    assert "coupon" in hand.tap("Send", code=f" {counter_code(one, point.id).lower()} ")["text"]

    card = started(plays()["gift-code"])
    assert "5.00 yuan of credit" in on_page(lin, point, card).tap("Send", code=gift_code(card, 1))["text"]
    with pytest.raises(Refused, match="not_counted"):
        on_page(wu, point, card).tap("Send", code=gift_code(card, 1))
    with pytest.raises(Refused, match="play_code_unknown"):
        on_page(wu, point, card).tap("Send", code=f"2-{gift_code(card, 1)[2:]}")


def test_a_round_is_opened_shared_and_seen_by_a_guest(point):
    group = campaigns.group(share=("code", "card", "link"), skin=Skin(kind="play_board", title=make.text("Group")))
    one, lin = started(group), neighbour(point)
    hand = on_page(lin, point, one)
    hand.tap("Open a round")
    run = campaigns.only_run()
    hand.tap("Send to neighbours")

    (shared,) = hand.shared
    assert (shared["page"], read_public_id("run", shared["with"]["run"])) == ("run", (HUBEI, run.id))
    buy = next(action for action in pages.actions(hand.page) if action.get("page") == "shelf")
    assert buy["with"]["run"] == shared["with"]["run"]
    guest = Hand()
    guest.point = hand.point
    guest.open("run", code=run.code)
    (node,) = guest.nodes("play_board")
    assert (node["have"], node["need"], node["opener"]) == (0, 3, "L**")
    campaigns.hear(campaigns.paid(lin, point=point, run_id=run.id))
    guest.open("run", run=shared["with"]["run"])
    assert (guest.nodes("play_board")[0]["have"], guest.nodes("play_board")[0]["names"]) == (1, ["L**"])
    wu = on_page(neighbour(point, "Wu"), point, one)
    assert "Rounds to join" in wu.texts()
    assert "My rounds" in on_page(lin, point, one).texts()


def test_what_runs_at_a_point_is_listed_on_its_page_its_shelf_and_in_the_api(point):
    hand = Hand()
    hand.point = public_id("point", HUBEI, point.id)
    hand.open("plays")
    assert "Nothing runs here now" in hand.texts()
    started(plays()["lucky-wheel"])
    started(plays()["neighbourhood-pot"], point_ids=[leaders.point().id])

    hand.open("plays")
    assert "Lucky wheel" in hand.texts()
    assert "pot" not in hand.texts()
    hand.open("shelf")
    hand.tap("Lucky wheel")
    assert hand.nodes("play_wheel")
    _, found = Api().get(f"/points/{hand.point}/plays")
    assert [(one["code"], one["skin"]) for one in found["plays"]] == [("lucky-wheel", "play_wheel")]


def test_the_list_tells_how_each_play_stands(point, clock_at, django_assert_max_num_queries):
    lin, wu = neighbour(point), neighbour(point, "Wu")
    day = started(plays()["daily-check-in"])
    group = started(plays()["neighbours-group"], point_ids=[point.id])
    started(plays()["last-hour-rush"])
    garden = started(plays()["point-garden"])
    started(wheel())
    on_page(lin, point, day).tap("Check in")
    on_page(lin, point, group).tap("Open a round")
    on_page(wu, point, garden).tap("Water it")

    hand = Hand(lin)
    hand.point = public_id("point", HUBEI, point.id)
    with django_assert_max_num_queries(30):
        hand.open("plays")

    told = {row["title"]: row["note"].split(" · ") for node in hand.nodes("list") for row in node["rows"]}
    assert told["Daily check-in"][:2] == ["Best: 20 points", "1 / 2 days, 1 day to go"]
    assert told["Neighbours' group"] == ["15% off (up to 5.00 yuan)", "1 open round"]
    assert told["Last-hour rush"] == ["a coupon of 2.00 yuan off 20.00", "Begins at 22:00"]
    assert told["Neighbourhood garden"][1] == "1 / 500 points, 499 points to go"
    clock_at("2026-11-20T22:10+08:00")
    hand.open("plays")
    told = {row["title"]: row["note"].split(" · ") for node in hand.nodes("list") for row in node["rows"]}
    assert told["Last-hour rush"][1:] == ["Nobody yet, 10 neighbours to go", "Until today 23:00"]


def test_what_was_given_is_listed(point):
    lin = neighbour(point)
    started(make.definition(Reach(levels=(1,), of="unit"), [Coupon(off_fen=200)], limits=Limits(budget_fen=900)))
    campaigns.hear(campaigns.paid(lin, point=point))
    hand = Hand(lin)
    hand.point = public_id("point", HUBEI, point.id)

    hand.open("plays")

    assert "a coupon of 2.00 yuan" in hand.texts()
    status, mine = Api(lin).get("/me/grants")
    assert (status, [grant["name"] for grant in mine["grants"]]) == (200, ["a coupon of 2.00 yuan"])
    assert Run.objects.count() == 1


def test_a_newcomer_who_came_by_a_neighbours_link_counts_for_them(point):
    one, lin = started(plays()["task-poster"]), neighbour(point)
    hand = on_page(lin, point, one)
    form = next(each for panel in hand.nodes("share_panel") for each in panel["forms"] if each["form"] == "link")
    by = re.search(r"by=(\w+)", form["content"])
    assert by is not None
    assert read_public_id("member", by[1]) == (HUBEI, lin.id)
    new = Hand(neighbour(point, "Wu"))
    new.point = hand.point
    new.open("play", play=public_id("campaign", HUBEI, one.id), by=by[1])

    new.tap("This neighbour brought me")

    assert on_page(lin, point, one).nodes("play_tasks")[0]["own"][0]["value"] == "1 newcomer"
    hand.open("play", play=public_id("campaign", HUBEI, one.id), by=by[1])
    with pytest.raises(Refused, match="not_for_you"):
        hand.tap("This neighbour brought me")


def pasted(hand: Hand) -> list[str]:
    return [form["content"] for panel in hand.nodes("share_panel") for form in panel["forms"]]


def test_turns_that_are_left_are_told_to_the_member_and_never_pasted(point):
    """One check-in a day: the member reads how often they may still pull; a guest and the chat do not."""
    one, lin = started(plays()["slot-machine"]), neighbour(point)
    for left in (1, 0):
        hand, guest = on_page(lin, point, one), on_page(NOBODY, point, one)
        (mine,), (theirs,) = hand.nodes("play_reels"), guest.nodes("play_reels")
        assert mine["title"] == f"Check in and pull, {left} left today"
        assert theirs["title"] == "Three reels"
        for seen in (hand, guest):
            assert pasted(seen)
            assert not any("left today" in text for text in pasted(seen))
        if left:
            hand.tap(mine["act"]["text"])


def test_days_are_the_readers_and_people_are_everybodys(point, clock_at):
    one, lin, wu = started(plays()["early-bird"], point_ids=[point.id]), neighbour(point), neighbour(point, "Wu")
    clock_at("2026-11-24T07:00+08:00")
    for who in (lin, wu):
        on_page(who, point, one).tap("Check in")

    hand, guest = on_page(lin, point, one), on_page(NOBODY, point, one)

    assert hand.nodes("play_streak")[0]["title"] == "1 early days, five share 20.00 yuan"
    assert guest.nodes("play_streak")[0]["title"] == "Early birds"
    assert "is at 1 days" in pasted(hand)[0]
    assert "2 at " in pasted(hand)[0]
    assert "days." not in pasted(guest)[0]


def test_a_quiz_asks_the_next_questions_each_day_and_each_counts_once(point, clock_at):
    asked = tuple(replace(QUESTIONS[0], zh=f"第 {number} 题", en=f"Question {number}") for number in range(1, 8))
    one = started(plays()["food-quiz"], Content(questions=asked))
    lin = neighbour(point)
    hand = on_page(lin, point, one)
    (node,) = hand.nodes("play_quiz")
    assert [each["title"] for each in node["questions"]] == [f"Question {number}" for number in (1, 2, 3, 4, 5)]
    first = node["questions"][0]["act"]
    assert hand.do(first, {"value": "1"})["text"][:10] == "Not right."
    with pytest.raises(Refused):
        # Now that the right answer is known.
        hand.do(first, {"value": "0"})

    clock_at("2026-11-21T19:00+08:00")
    hand = on_page(lin, point, one)
    (node,) = hand.nodes("play_quiz")
    assert [each["title"] for each in node["questions"]] == [f"Question {number}" for number in (6, 7, 1, 2, 3)]
    assert hand.do(node["questions"][2]["act"], {"value": "0"})["text"][:6] == "Right."
    with pytest.raises(Refused):
        hand.do({**first, "body": {**first["body"], "question": 3}}, {"value": "0"})
