"""Plays on the operators' desk: the catalogue, the composer, campaigns, rewards that were held, and channels."""

from __future__ import annotations

import copy
import html
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import msgspec
import pytest
from django.http import HttpResponse
from hypothesis import given
from hypothesis import strategies as st

from lintuan.console.drafts import DEFINITION, EMPTY, SCENARIO, TRIAL, Draft, checked, try_out
from lintuan.console.forms import form_of
from lintuan.kernel.callers import Caller
from lintuan.kernel.ids import public_id
from lintuan.plays import queries
from lintuan.plays.catalogue import plays
from lintuan.plays.engine.definition import Definition, Limits
from lintuan.plays.engine.progress import Reach
from lintuan.plays.models import Budget, Campaign, Grant
from tests.make import campaigns as make
from tests.make import catalog, leaders, members, provinces
from tests.make import plays as make_plays
from tests.make.campaigns import COUPON
from tests.make.console import Desk, filled_in, text_of
from tests.make.provinces import HUBEI
from tests.plays.test_malformed import WRITTEN, places_of

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]
LIVE = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at("2026-11-20T19:00+08:00")
    provinces.province()


def desk(*, language: str = "en", by: Caller | None = None) -> Desk:
    return Desk(by or provinces.staff("plays.edit"), language=language)


def sent(written: Any, scenario: Any = None) -> dict[str, list[str]]:
    """What a browser sends of the composer."""
    facts = scenario or {"opener": 0, "happens": [{"do": "end", "on": date(2026, 6, 1)}]}
    return filled_in(form_of(DEFINITION, written)) | filled_in(form_of(SCENARIO, facts, TRIAL))


def press(at: Desk, deed: str, written: Any, scenario: Any = None, *, live: bool = True) -> HttpResponse:
    """Press a button of the composer; none but `check` when one only writes."""
    fields = {**sent(written, scenario), "do": [deed]}
    return at.client.post("/console/plays/compose/", fields, headers=LIVE if live else {})  # type: ignore[return-value]


def beside(answer: HttpResponse, slot: str) -> str:
    """What stands under a field."""
    (found,) = re.findall(rf'<div class="issues" id="{slot}"[^>]*>(.*?)</div>', answer.content.decode(), re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found)).strip()


def of(play: str, **others: Any) -> Any:
    return copy.deepcopy(WRITTEN[play]) | others


def test_the_catalogue_has_every_play_and_says_what_channels_say() -> None:
    shown = desk().read("plays/")

    assert f"Plays {len(plays())} " in shown
    assert all(play.name.en in shown for play in plays().values())


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({"aim": "newcomers"}, lambda play: play.aim == "newcomers"),
        ({"trigger": "buyer"}, lambda play: play.trigger.kind == "buyer"),
        ({"aim": "fun", "trigger": "clock"}, lambda play: play.aim == "fun" and play.trigger.kind == "clock"),
        ({"aim": "gold"}, lambda _: False),
    ],
)
def test_the_catalogue_is_filtered(asked: dict[str, str], fits: Callable[[Definition], bool]) -> None:
    shown = desk().open("plays/", **asked).content.decode()

    links = set(re.findall(r'<tr><td class="n">\d*</td><td><a href="/console/plays/([a-z0-9-]+)/"', shown))
    assert links == {code for code, play in plays().items() if fits(play)}


def test_what_wechat_bans_is_not_among_what_may_start_there() -> None:
    banned = desk().open("plays/", flag="banned").content.decode()
    may = desk().open("plays/", channel="wechat_group").content.decode()

    assert "/console/plays/card-set/" in banned
    assert "/console/plays/card-set/" not in may
    assert "/console/plays/neighbours-group/" in may


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("code", sorted(plays()))
def test_every_play_has_its_page(code: str, language: str) -> None:
    shown = desk(language=language).read(f"plays/{code}/")

    assert plays()[code].terms.zh in shown
    assert "None" not in shown


def test_a_page_of_a_play_tells_it_in_words_and_figures() -> None:
    shown = desk().read("plays/lucky-wheel/")

    assert "eggs-6 0.5% 200 6.00" in shown
    assert "Budget 8000 yuan" in shown
    assert "Platform 100%" in shown
    banned = desk().read("plays/card-set/")
    assert "May not start" in banned
    assert "Use instead: vegetable-album" in banned


def test_an_unknown_play_is_not_found() -> None:
    assert desk().open("plays/no-such-play/").status_code == 404
    assert desk().open("plays/no-such-play/start/").status_code == 404


def test_a_definition_is_taken_away_as_a_file() -> None:
    answer = desk().open("plays/card-set/definition.json")

    assert answer["Content-Disposition"] == 'attachment; filename="card-set.json"'
    assert msgspec.json.decode(answer.content, type=Definition) == plays()["card-set"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_play_is_composed_from_nothing(language: str) -> None:
    shown = desk(language=language).read("plays/compose/")

    assert "None" not in shown
    assert ("places to change" if language == "en" else "处要改") in shown


def test_what_is_missing_stands_beside_its_field() -> None:
    answer = press(desk(), "check", EMPTY)

    assert beside(answer, "at-code") == "is needed"
    assert beside(answer, "at-progress-kind") == "is needed"
    assert beside(answer, "at-counts-0-fact") == "is needed"
    assert beside(answer, "at-name-en") == "is needed"


@pytest.mark.parametrize(
    ("change", "slot", "en", "zh"),
    [
        ({"code": "Card Set"}, "at-code", "small letters", "小写字母"),
        ({"limits": {"budget_fen": "lots"}}, "at-limits-budget_fen", "must be a whole number", "要写整数"),
        ({"limits": {"per_member": 1, "per_member_day": 2}}, "at-limits-per_member_day", "more a day than", "比总次数"),
        ({"funding": [{"payer": "leader", "share_bps": 9000}]}, "at-funding", "add up to 9000", "加起来是 9000"),
        (
            {"rewards": [{"kind": "chance", "play": "lucky-wheel", "level": 3}]},
            "at-rewards-0-level",
            "1 levels",
            "1 档",
        ),
        ({"rewards": [{"kind": "chance", "play": "card-set"}]}, "at-rewards-0", "feeds itself", "没有尽头"),
        ({}, "at-counts-1-fact", "WeChat", "微信"),
    ],
)
def test_what_is_wrong_is_said_in_the_reader_s_language(change: Any, slot: str, en: str, zh: str) -> None:
    written = of("card-set", **change)

    assert en in beside(press(desk(), "check", written), slot)
    assert zh in beside(press(desk(language="zh-hans"), "check", written), slot)


def test_a_check_alone_answers_with_a_part_and_keeps_nothing() -> None:
    answer = press(desk(), "check", of("vegetable-album", code="album-two"))

    assert "<html" not in answer.content.decode()
    assert "It can run" in text_of(answer)
    assert "album-two" not in queries.catalogue(HUBEI)


def test_rows_come_and_go() -> None:
    at = desk()
    more = press(at, "add:rewards", of("card-set")).content.decode()
    fewer = press(at, "remove:counts[0]", of("card-set")).content.decode()
    told = press(at, "add:try.happens", of("card-set")).content.decode()

    assert 'name="rewards[1].kind"' in more
    assert 'name="counts[1].fact"' not in fewer
    assert '<option value="helped" selected>' in fewer
    assert 'name="try.happens[1].do"' in told


@pytest.mark.parametrize(
    "deed", ["add:nowhere", "add:code", "remove:counts[7]", "remove:code", "rewrite:99", "rewrite:x"]
)
def test_a_button_that_is_none_changes_nothing(deed: str) -> None:
    assert press(desk(), deed, of("card-set")).status_code in {302, 422}


def test_a_finding_s_rewrite_is_taken_over_by_a_button() -> None:
    at = desk()
    written = of("card-set", code="album-two", rewrite=None)
    shown = press(at, "check", written).content.decode()
    (number, *_) = re.findall(r'value="rewrite:(\d+)"', shown)

    changed = press(at, f"rewrite:{number}", written).content.decode()

    assert '<option value="scanned" selected>' in changed
    assert '<option value="helped" selected>' not in changed


def test_a_play_is_saved_as_a_new_version() -> None:
    at = desk()
    written = of("vegetable-album", code="album-two", name={"zh": "二号图鉴", "en": "Second album"})

    first = press(at, "save", written, live=False)
    press(at, "save", written, live=False)

    assert first["Location"] == "/console/plays/album-two/"
    saved = queries.catalogue(HUBEI)["album-two"]
    assert (saved.version, saved.number, saved.name.zh) == (2, 0, "二号图鉴")
    shown = at.read("plays/album-two/")
    assert "Saved as version 2." in shown
    assert "Second album" in shown


def test_what_cannot_run_is_not_saved() -> None:
    at = desk()
    unsound = of("vegetable-album", code="album-two", funding=[{"payer": "leader", "share_bps": 9000}])

    answer = press(at, "save", unsound, live=False)

    assert "add up to 9000" in beside(answer, "at-funding")
    assert "album-two" not in queries.catalogue(HUBEI)


def test_two_plays_that_feed_each_other_are_not_saved() -> None:
    at = desk()
    chance = {"kind": "chance", "play": "ring-two"}
    press(at, "save", of("vegetable-album", code="ring-one", rewards=[chance], funding=[]), live=False)
    back = of("vegetable-album", code="ring-two", rewards=[{**chance, "play": "ring-one"}], funding=[])

    shown = press(at, "check", back)
    press(at, "save", back, live=False)

    assert "the plays feed each other for ever: ring-" in beside(shown, "at-rewards")
    assert {"ring-one"} == {"ring-one", "ring-two"} & set(queries.catalogue(HUBEI))


def test_a_scenario_is_tried() -> None:
    happens = [
        {"do": "checked_in", "by": 1, "on": date(2026, 6, number), "of": [card]}
        for number, card in enumerate(("spring", "summer", "autumn", "winter", "harvest"), 1)
    ]

    shown = text_of(press(desk(), "try", of("card-set"), {"opener": 0, "happens": happens}))

    assert "1 gets: 3 draws of lucky-wheel" in shown
    assert "Count of the run 5 · rewards given 1" in shown
    assert Campaign.objects.count() == 0


@pytest.mark.parametrize(
    ("written", "scenario", "told"),
    [
        (EMPTY, None, "The play is not complete yet"),
        (WRITTEN["card-set"], {"happens": [{"do": "paid", "on": "tomorrow"}]}, "try.happens[0].on: must be a date"),
        (WRITTEN["card-set"], {"happens": []}, "try.happens: at least 1"),
    ],
)
def test_a_scenario_that_cannot_be_says_why(written: Any, scenario: Any, told: str) -> None:
    assert told in text_of(press(desk(), "try", written, scenario))


def test_what_is_written_is_taken_away_and_brought_back() -> None:
    at = desk()
    taken = press(at, "export", of("card-set"), live=False)

    back = at.client.post("/console/plays/compose/", {"do": "import", "json": taken.content.decode()})

    assert taken["Content-Disposition"] == 'attachment; filename="card-set.json"'
    assert 'name="progress.levels" value="5"' in back.content.decode()


def test_an_import_shows_its_errors_at_their_places() -> None:
    wrong = of("card-set", surprise=1)
    wrong["counts"][1]["most_per_day"] = "many"
    wrong["rewards"][0]["kind"] = "gold"

    text = msgspec.json.encode(wrong).decode()
    shown = desk().client.post("/console/plays/compose/", {"do": "import", "json": text})

    assert "must be a whole number" in beside(shown, "at-counts-1-most_per_day")
    assert "must be one of: coupon, price" in beside(shown, "at-rewards-0-kind")
    assert "surprise: there is no such field" in text_of(shown)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "nothing"])
def test_an_import_that_is_no_json_says_so(text: str) -> None:
    shown = desk().send("plays/compose/", do="import", json=text, back="/console/plays/compose/")

    assert "no JSON" in shown


@pytest.mark.parametrize("text", ["1", "[]", "null", '"words"', "{}"])
def test_an_import_that_is_no_play_is_an_empty_form_with_its_errors(text: str) -> None:
    assert "places to change" in desk().send("plays/compose/", do="import", json=text)


@given(st.data())
def test_whatever_can_be_read_is_checked_and_tried(data: st.DataObject) -> None:
    written: Any = of(data.draw(st.sampled_from(sorted(WRITTEN))))
    other: Any = WRITTEN[data.draw(st.sampled_from(sorted(WRITTEN)))]
    for name in data.draw(st.sets(st.sampled_from(["progress", "rewards", "counts", "participants", "trigger"]))):
        written[name] = copy.deepcopy(other.get(name, ()))
    places = [(holder, key) for holder, key in places_of(written) if type(holder[key]) is int]
    for _ in range(2):
        holder, key = places[data.draw(st.integers(0, len(places) - 1))]
        holder[key] = data.draw(st.integers(1, 20_000))
    draft = Draft(HUBEI, written, {})
    draft.scenario = {"opener": 1, "happens": [
        {"do": data.draw(st.sampled_from(["paid", "arrived", "offered", "answered", "helped", "redeemed", "played"])),
         "by": member, "on": "2026-06-01", "fen": fen, "points": member, "day_fen": 500, "of": of_}
        for member, fen, of_ in [(1, 900, []), (2, 450, ["3"]), (2, 0, ["b", "c"]), (3, 9_900, ["spring"])]
    ] + [{"do": "withdraw", "id": "paid:1"}, {"do": "end", "answer": "3"}]}  # fmt: skip

    checked(draft, date(2026, 11, 20))

    assert (draft.verdict is not None) or draft.issues
    assert try_out(draft).issues == [] or draft.verdict is None


def coupons(**others: Any) -> Definition:
    fields: dict[str, Any] = {"limits": Limits(budget_fen=10_000, stock=40), **others}
    return make_plays.definition(Reach(levels=(1,), of="unit"), [COUPON], **fields)


def test_a_campaign_shows_its_people_rewards_and_budgets(clock_at: Clock) -> None:
    point = leaders.point(name_en="Lao Wang's shop")
    campaign = make.running(coupons(), point_ids=[point.id])
    for buyer in members.members(2):
        make.hear(make.paid(buyer, point=point))
    at = desk()

    shown = at.open("campaigns/")

    assert "Lao Wang's shop" in text_of(shown)
    assert "People 2 Runs Open 1 Rewards Given 2" in text_of(shown)
    assert "¥4.00 / ¥100.00" in text_of(shown)
    assert '<progress max="10000" value="400"' in shown.content.decode()
    figures = queries.figures(HUBEI, {campaign.id})[campaign.id]
    assert (figures.people, figures.runs, figures.rewards) == (2, {"open": 1}, {"given": 2})


def test_figures_of_a_campaign_in_which_nothing_happened_are_none() -> None:
    campaign = make.running(coupons())

    figures = queries.figures(HUBEI, {campaign.id})[campaign.id]

    assert (figures.people, figures.runs, figures.rewards) == (0, {}, {})


def test_a_play_is_started_at_points_and_stopped() -> None:
    point, sku = leaders.point(), catalog.sku()
    at = desk()
    there = public_id("point", HUBEI, point.id)
    shown = at.send(
        "plays/vegetable-album/start/", channel="wechat_group", points=[there], skus=sku.code,
        ends_at="2026-11-22T20:00",
    )  # fmt: skip
    (row,) = Campaign.objects.all()

    assert "Started." in shown
    assert (row.code, row.point_ids, row.sku_ids, row.channel) == (
        "vegetable-album",
        [point.id],
        [sku.id],
        "wechat_group",
    )
    assert row.ends_at == datetime.fromisoformat("2026-11-22T20:00+08:00")
    assert "Stopped; what was earned stays." in at.send(f"campaigns/{public_id('campaign', HUBEI, row.id)}/stop/")
    assert Campaign.objects.get().state == "stopped"
    assert "No campaign is live" in at.read("campaigns/")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"channel": "pigeons"}, "channel"),
        ({"channel": "counter", "skus": "no-such-sku"}, "There is no such sku no-such-sku"),
        ({"channel": "counter", "points": "nonsense"}, "There is no such point"),
        ({"channel": "counter", "ends_at": "soon"}, "ends_at"),
        ({"channel": "counter", "ends_at": "2026-11-01T10:00"}, "ends_at"),
    ],
)
def test_a_start_that_cannot_be_says_why(fields: dict[str, str], told: str) -> None:
    back = "/console/plays/vegetable-album/start/"

    assert told in desk().send("plays/vegetable-album/start/", back=back, **fields)
    assert Campaign.objects.count() == 0


def held() -> Grant:
    make.running(coupons())
    make.hear(make.paid(members.member(), point=leaders.point()))
    why = [
        {
            "signal": "device",
            "zh": "同一台设备上另有 2 个账号领过",
            "en": "2 other accounts were rewarded on this device",
        }
    ]
    Grant.objects.update(state="held", why=why)
    return Grant.objects.get()


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "2 other accounts were rewarded on this device"), ("zh-hans", "同一台设备上另有 2 个账号领过")],
)
def test_a_held_reward_waits_with_the_guard_s_reasons(language: str, told: str) -> None:
    held()

    assert told in desk(language=language).read("rewards/")


@pytest.mark.parametrize(
    ("decision", "state", "spent", "told"),
    [("give", "given", 200, "Given."), ("deny", "denied", 0, "Denied; its budget is free again.")],
)
def test_a_person_decides_on_it(decision: str, state: str, spent: int, told: str) -> None:
    grant, at = held(), desk()
    there = f"rewards/{public_id('reward', HUBEI, grant.id)}/"

    shown = at.send(there, decision=decision, note="asked them", back="/console/rewards/")

    assert told in shown
    assert "No rewards wait for you" in shown
    assert Grant.objects.get().state == state
    assert Budget.objects.get(kind="play").spent == spent


@pytest.mark.parametrize("fields", [{"decision": "deny"}, {"decision": "perhaps"}, {}])
def test_nonsense_decides_nothing(fields: dict[str, str]) -> None:
    grant = held()

    desk().send(f"rewards/{public_id('reward', HUBEI, grant.id)}/", back="/console/rewards/", **fields)

    assert Grant.objects.get().state == "held"


def test_channels_say_what_they_show_on_a_day() -> None:
    at = desk()

    before, now = at.read("channels/", on="2019-10-01"), at.read("channels/")
    helped = at.read("channels/", mechanic="help")

    assert "2019-10-01" in before
    assert "2026-11-20" in now
    assert helped.count("Banned") > now.count("Banned")
    assert "onShareAppMessage" in now
    assert at.open("channels/", on="someday", mechanic="magic").status_code == 200


@pytest.mark.parametrize("path", ["plays/compose/", "plays/vegetable-album/start/", "campaigns/x/stop/", "rewards/x/"])
def test_what_changes_something_needs_the_right(path: str) -> None:
    at = desk(by=provinces.staff("ordering.read"))

    assert at.client.post(f"/console/{path}", {"do": "save", **sent(WRITTEN["vegetable-album"])}).status_code == 403


def test_a_quiz_is_filled_in_before_it_starts() -> None:
    at, path = desk(), "plays/food-quiz/start/"
    assert "This play has to be filled in before it starts." in at.read(path)
    form = at.open(path).content.decode()
    (ready,) = re.findall(r'<textarea[^>]*name="questions"[^>]*>(.*?)</textarea>', form, re.S)
    sent = {"channel": "wechat_group", "back": f"/console/{path}"}

    told = at.send(path, questions="哪样先吃？\n菠菜\n南瓜", **sent)
    assert "question 1: mark one right option with *" in told
    assert "哪样先吃？" in told
    assert Campaign.objects.count() == 0
    assert "Started." in at.send(path, questions=html.unescape(ready), **sent)

    assert len(Campaign.objects.get().content["questions"]) == 5
    assert "哪样先吃？" not in at.read(path)


def test_entries_of_a_vote_are_filled_in_before_it_starts() -> None:
    at, path = desk(language="zh-hans"), "plays/dish-contest/start/"
    egg = catalog.sku()
    sent = {"channel": "wechat_group", "goods.eggs-30": egg.code, "back": f"/console/{path}"}

    assert "这个玩法要先填好内容：至少 2 个参选的，或选几样货" in at.send(path, entries="番茄炒蛋", **sent)
    assert "已发起。" in at.send(path, entries="番茄炒蛋\n清炒藕带", **sent)

    assert Campaign.objects.get().content["entries"] == [[1, "番茄炒蛋"], [2, "清炒藕带"]]
