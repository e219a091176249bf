"""Plays as neighbours meet them: every play of the catalogue renders whole, and what its page offers can be done."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from lintuan.kernel.callers import NOBODY, Caller
from lintuan.kernel.ids import public_id
from lintuan.leaders.types import PointView
from lintuan.pages.compose.plays.rows import KINDS
from lintuan.pages.compose.plays.skins import SKINS
from lintuan.pages.tree.schema import schema_text
from lintuan.plays.catalogue import plays
from lintuan.plays.engine.definition import Definition
from lintuan.plays.types import CampaignView, Content, Question
from tests.make import campaigns, leaders, members, pages, pricing
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI
from tests.pages.hand import Hand, Refused

pytestmark = pytest.mark.django_db

VALID = Draft202012Validator(json.loads(schema_text()))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SHIPPED = sorted(plays())
QUESTION = Question(zh="哪个是根？", en="Which is a root?", options=(("萝卜", "Radish"), ("番茄", "Tomato")), answer=0)


@pytest.fixture
def point(clock_at) -> PointView:
    clock_at(EVENING)
    return leaders.point(address="Luojia Road 1", leader_name="Aunt Wang")


@pytest.fixture
def lin(point: PointView) -> Caller:
    member = members.member(name="Lin")
    leaders.choose(member, point)
    return member


def content_of(play: Definition) -> Content:
    """What a leader would fill it with."""
    if play.skin.kind == "play_vote":
        return Content(entries=((1, "A1"), (2, "A2")))
    if play.code in ("food-quiz", "task-centre"):
        return Content(questions=(QUESTION,))
    return Content(answer="389") if play.skin.kind == "play_quiz" else Content()


def started(play: Definition, point: PointView) -> CampaignView:
    sku_ids = [pricing.offer(1000, cost_fen=300).sku_id] if play.skin.kind == "play_price" else []
    content = msgspec.to_builtins(content_of(play))
    return campaigns.running(play, point_ids=[point.id], sku_ids=sku_ids, content=content)


def play_id(one: CampaignView) -> str:
    return public_id("campaign", HUBEI, one.id)


def shown(name: str, caller: Caller, language: str, **parameters: str) -> dict[str, Any]:
    return pages.document(pages.ask(name, caller, parameters, language=language))


def assert_whole(document: dict[str, Any], language: str) -> None:
    assert [error.message for error in VALID.iter_errors(document)] == []
    told = list(pages.texts(document))
    assert [text for text in told if re.search(r"\{\w*\}|\bNone\b", text)] == []
    parts = [part for part in pages.parts(document) if "kind" in part or "do" in part]
    assert all(part["text"].strip() for part in parts)
    if language == "en":
        assert [text for text in told if CHINESE.search(text)] == []


@pytest.mark.parametrize("language", pages.LANGUAGES)
@pytest.mark.parametrize("code", SHIPPED)
def test_every_play_of_the_catalogue_is_whole_for_guests_and_members(code, language, point, lin):
    play = plays()[code]
    one = started(play, point)
    at = {"point": public_id("point", HUBEI, point.id)}

    for caller in (NOBODY, lin):
        document = shown("play", caller, language, play=play_id(one), **at)
        assert_whole(document, language)
        kinds = {part["kind"] for part in pages.parts(document) if str(part.get("kind", "")).startswith("play_")}
        assert kinds in ({play.skin.kind}, {"play_coupon"})
        node = next(part for part in pages.parts(document) if part.get("kind") in kinds)
        assert play.name.in_(language) in document["title"]
        assert node["terms"] in node["text"]
        assert node["key"]


@pytest.mark.parametrize("code", SHIPPED)
def test_what_the_page_of_a_play_offers_can_be_done(code, point, lin):
    """Refusals are answers too; whatever happened, the page is whole afterwards."""
    one = started(plays()[code], point)
    hand = Hand(lin)
    hand.point = public_id("point", HUBEI, point.id)
    hand.open("play", play=play_id(one))

    for _ in range(2):
        offered = [action for action in pages.actions(hand.page["body"]) if action["do"] in DEEDS]
        if not offered:
            break
        answer = None
        with contextlib.suppress(Refused):
            answer = hand.do(offered[0], {"value": values_of(hand, offered[0])})
        assert answer is None or answer["text"]
        assert_whole(hand.page, "en")
    for language in pages.LANGUAGES:
        assert_whole(shown(hand.here[0], lin, language, **hand.here[1], point=hand.point), language)


DEEDS = {"join", "draw", "open_run", "check_in", "vote", "answer", "play"}


@pytest.mark.parametrize("code", SHIPPED)
def test_who_has_chosen_no_point_is_asked_to_before_anything_else(code, point):
    """Deeds are heard where one collects, whatever point is looked at."""
    one = started(plays()[code], point)
    hand = Hand(members.member(name="Wu"))
    hand.point = public_id("point", HUBEI, point.id)

    for parameters in ({}, {"plain": "1"}):
        hand.open("play", play=play_id(one), **parameters)
        asked = list(pages.actions(hand.page["body"]))
        deeds = [action for action in asked if action["do"] in DEEDS or "/deeds/" in str(action.get("path"))]
        assert deeds == []
        assert [action["text"] for action in asked if action.get("page") == "points"]


@pytest.mark.parametrize("language", pages.LANGUAGES)
def test_the_list_tells_of_each_play_its_kind_what_there_is_to_win_and_until_when(language, point, lin):
    running = {play.name.in_(language): play for play in plays().values()}
    for play in plays().values():
        started(play, point)

    for caller in (NOBODY, lin):
        document = shown("plays", caller, language, point=public_id("point", HUBEI, point.id))
        assert_whole(document, language)
        rows = [row for node in document["body"] if node["kind"] == "list" for row in node["rows"]]
        assert {row["title"] for row in rows} == running.keys()
        for row in rows:
            assert row["badge"] == KINDS[running[row["title"]].skin.kind][language == "en"]
            assert row["picture"]["src"].startswith("/static/goods/")
            assert row["note"]
            assert row["tap"]["page"] == "play"


def test_every_skin_has_a_word_for_its_kind():
    assert KINDS.keys() == SKINS.keys()


def values_of(hand: Hand, action: dict[str, Any]) -> Any:
    if action.get("name") == "fen":
        return 950
    return 389 if action["do"] == "answer" and "question" not in action.get("body", {}) else 0
