"""The nodes of plays: one for each skin, complete in words, and valid by the published schema."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from jsonschema import Draft202012Validator

from lintuan.pages.tree import plays, values
from lintuan.pages.tree.actions import Answer, CheckIn, Draw, Join, Navigate, OpenRun, PlayGame, Vote
from lintuan.pages.tree.page import SCHEMA, Page
from lintuan.pages.tree.schema import schema_text
from lintuan.plays.engine.definition import Skin

MOMENT = datetime(2026, 11, 23, 11, tzinfo=UTC)
VALID = Draft202012Validator(json.loads(schema_text()))
NODES = {struct.__struct_config__.tag: struct for struct in get_args(plays.PlayNode)}
PICTURE = values.Picture(src="/static/goods/egg.webp", width=160, height=160)

FRAME: dict[str, Any] = {
    "text": "Lucky wheel: eggs 0.5%",
    "title": "Lucky wheel",
    "terms": "One round a week.",
    "lines": ["From 15 yuan."],
    "ends_at": MOMENT,
    "progress": plays.PlayProgress(label="2 of 3", value=2, target=3, left="1 more"),
    "own": [plays.PlayStanding(label="Mine", value="2")],
    "levels": [plays.PlayLevel(at="3", gift="A coupon", state="now")],
    "prizes": [plays.PlayPrize(name="6 eggs", odds="0.5%")],
    "proof": plays.PlayProof(commitment="9f86", tap=Navigate(text="Check it", page="play_proof")),
    "funding": "The platform",
    "result": plays.PlayResult(text="You won 6 eggs", tone="good", prize=0),
    "buttons": [values.Button(label="More", tap=Navigate(text="More", page="plays"))],
}
OWN: dict[str, dict[str, Any]] = {
    "play_board": {"have": 2, "need": 3, "names": ["王**"], "act": Join(text="Join", path="/plays/runs/r/join")},
    "play_meter": {"value": 640, "target": 1000, "marks": [500, 1000]},
    "play_streak": {
        "days": [plays.PlayDay(label="Mon", state="done", gift="20 points")],
        "act": CheckIn(text="Check in", path="/plays/runs/r/check-in"),
    },
    "play_ranking": {"places": [plays.PlayPlace(place=1, name="王**", own=True)]},
    "play_wheel": {"chances": 2, "act": Draw(text="Spin", path="/plays/runs/r/draw", nonce="nonce")},
    "play_boxes": {"count": 5, "opened": [plays.PlayPacket(name="李**", value="¥1.20", best=True)]},
    "play_rain": {"act": PlayGame(text="Begin", path="/plays/runs/r/play")},
    "play_quiz": {
        "questions": [
            plays.PlayQuestion(
                id="q1",
                title="Which?",
                choices=[values.Choice(value="a", label="Left")],
                number=plays.PlayNumber(min=1, max=9),
                act=Answer(text="Answer", path="/plays/runs/r/answers", body={"question": "q1"}),
            )
        ]
    },
    "play_vote": {
        "entries": [
            plays.PlayEntry(id="e", title="Potatoes", votes=4, act=Vote(text="Vote", path="/plays/runs/r/votes"))
        ]
    },
    "play_plot": {"value": 34, "target": 60, "stages": ["Seed", "Fruit"], "stage": 1, "helpers": ["王** 3"]},
    "play_cards": {"cards": [plays.PlayCard(name="Spring", have=1, picture=PICTURE)]},
    "play_tasks": {
        "tasks": [plays.PlayTask(title="Buy", value=1, target=3, act=OpenRun(text="Begin", path="/plays/p/runs"))]
    },
    "play_price": {
        "now_fen": 1060,
        "bids": [plays.PlayBid(name="王**", fen=970)],
        "steps": [plays.PlayPriceStep(label="From 3", fen=1060)],
        "bid": plays.PlayNumber(min=968, max=1100, unit="fen"),
    },
    "play_coupon": {"amount": "¥5", "until": MOMENT, "code": "HELLO"},
}


def _sent(*nodes: Any) -> Any:
    page = Page(schema=SCHEMA, name="play", title="Play", lang="en", as_of=MOMENT, fresh_for=30, body=list(nodes))
    return json.loads(msgspec.json.encode(page))


def test_every_skin_that_a_play_may_have_is_a_kind_and_no_other() -> None:
    assert set(get_args(get_type_hints(Skin)["kind"])) == NODES.keys()


@pytest.mark.parametrize("kind", NODES)
def test_each_kind_is_sent_as_the_schema_says(kind: str) -> None:
    document = _sent(NODES[kind](**FRAME, **OWN.get(kind, {})))

    assert [error.message for error in VALID.iter_errors(document)] == []
    assert document["body"][0]["kind"] == kind


@pytest.mark.parametrize("kind", NODES)
@pytest.mark.parametrize("lacking", ["text", "title", "terms"])
def test_no_play_is_without_its_words_and_terms(kind: str, lacking: str) -> None:
    document = _sent(NODES[kind](**FRAME, **OWN.get(kind, {})))
    del document["body"][0][lacking]

    assert not VALID.is_valid(document)


def test_what_was_not_said_is_not_sent() -> None:
    node = plays.PlayWheel(text="Wheel", title="Wheel", terms="Terms")

    assert _sent(node)["body"][0] == {"kind": "play_wheel", "text": "Wheel", "title": "Wheel", "terms": "Terms"}


def test_a_draw_without_a_nonce_is_what_it_was() -> None:
    lot = Draw(text="Draw", path="/plays/runs/r/draw")

    assert json.loads(msgspec.json.encode(lot)) == {"do": "draw", "text": "Draw", "path": "/plays/runs/r/draw"}
