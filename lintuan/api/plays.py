"""Plays: what runs at a point or is started in a province, what members do in it, and the log that proves a draw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import AwareDatetime

from lintuan.kernel import clock
from lintuan.kernel.errors import Forbidden, Invalid, NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.leaders import queries as leaders
from lintuan.ordering.queries import has_bought
from lintuan.pages.compose.asking import Asking
from lintuan.pages.compose.plays import giving, known, results
from lintuan.pages.compose.plays.scene import campaign_of, scene
from lintuan.pages.plans import MOST_GOODS, Plan, campaign_at
from lintuan.pages.tree.plays import PlayResult
from lintuan.plays import commands, queries
from lintuan.plays.engine.definition import FactKind
from lintuan.plays.engine.progress import Draw
from lintuan.plays.types import CampaignView, Deed, RunView
from lintuan.sharing.types import Channel

from .contents import ContentWish
from .http import any_caller, caller_of, key_of, language_of

router = Router(tags=["plays"])

PublicId = Annotated[str, Field(max_length=40, examples=["gK8sPd2R"])]
#: What a deed is called in its address.
DEEDS: Mapping[str, FactKind] = {
    "join": "joined",
    "check-in": "checked_in",
    "vote": "voted",
    "answer": "answered",
    "play": "played",
    "walk": "walked",
    "water": "watered",
    "offer": "offered",
    "scan": "scanned",
    "redeem": "redeemed",
    "arrive": "arrived",
    "help": "helped",
}
DeedName = Literal[
    "join", "check-in", "vote", "answer", "play", "walk", "water", "offer", "scan", "redeem", "arrive", "help"
]
LONGEST = 60


class DeedWish(Schema):
    """Only what the deed needs: which of these that is, its page says."""

    run: str = Field(default="", max_length=40, description="a round that somebody opened")
    entry: str = Field(default="", max_length=40, description="of a vote")
    neighbour: str = Field(default="", max_length=40, description="whom it is done for, or who brought me")
    question: int | None = Field(default=None, ge=0, le=999, examples=[0])
    answer: str | int = Field(default="", description="an option counted from 0, a guess, or a number")
    points: int = Field(default=0, ge=0, le=1_000_000, description="of a game; cut to what one can have")
    steps: int = Field(default=0, ge=0, le=1_000_000)
    fen: int = Field(default=0, ge=0, le=100_000_000, description="a price that is offered")
    code: str = Field(default="", max_length=40, description="of the paper at the counter, or of a gift card")
    nonce: str = Field(default="", max_length=64, description="for a draw; without it the Idempotency-Key is taken")


class SideWish(Schema):
    label: str = Field(max_length=LONGEST, examples=["3 栋"])


class StartWish(Schema):
    province_id: int = Field(examples=[42])
    points: list[PublicId] = Field(default=[], max_length=100, description="where it runs; none: in the whole province")
    channel: Channel = Field(default=Channel.WECHAT_GROUP, description="where its words will be posted")
    about: list[PublicId] = Field(default=[], max_length=MOST_GOODS, description="offers that it is about; none: all")
    goods: dict[str, str] = Field(
        default={}, description="which offer each name of the play stands for", examples=[{"eggs-6": "gK8sPd2R"}]
    )
    until: AwareDatetime | None = Field(
        default=None, description="null: until it is stopped", examples=["2026-11-30T00:00:00+08:00"]
    )
    content: ContentWish = ContentWish()


class ResultJson(Schema):
    """What came of it, as a client shows it (`PlayResult` of the pages)."""

    text: str = Field(examples=["中了：2 元券"])
    tone: str = Field(default="info", description="info, good, warn, bad")
    prize: int | None = Field(default=None, description="its place among the prizes; null: none", examples=[1])
    faces: list[int] = Field(default=[], description="of dice")
    right: str = Field(default="", description="of a question: the value that is right")
    ticket: str = Field(default="", description="run:unit:n:nonce, to be recomputed")
    tap: dict[str, Any] | None = Field(default=None, examples=[{"do": "navigate", "text": "去货架买", "page": "shelf"}])


class OpenedJson(ResultJson):
    run: PublicId
    code: str = Field(examples=["7KQ2M9XF"])


class PrizeJson(Schema):
    name: str = Field(examples=["鸡蛋 6 枚"])
    odds_ppm: int | None = Field(description="in a million; null where so many win", examples=[5000])
    winners: int | None = Field(examples=[3])
    stock: int | None = Field(description="null: any number", examples=[200])


class RunJson(Schema):
    id: PublicId
    play: PublicId
    code: str = Field(examples=["7KQ2M9XF"])
    state: str = Field(description="open, over, unfilled", examples=["open"])
    begins_at: datetime
    ends_at: datetime | None
    total: int = Field(description="of what counts, all together; money in fen", examples=[2])
    seats: int = Field(description="how many take part", examples=[2])
    commitment: str = Field(description="SHA-256 of the seed", examples=["9f86d081884c7d65"])
    seed: str = Field(description="hexadecimal; empty until it is over", examples=[""])
    sealed: str = Field(description="SHA-256 of seed and answer, of a guess", examples=[""])
    answer: str = Field(description="empty until it is over", examples=[""])


class TicketJson(Schema):
    name: str = Field(examples=["81:7:0:6f1c2a9e04b7"])
    number: int | None = Field(description="0 to 999,999; null where it is drawn at the end", examples=[61234])
    prize: int | None = Field(description="its place among the prizes; null: none", examples=[1])


class LogJson(Schema):
    """Enough to recompute a draw; docs/algorithms/plays.md has a program that does."""

    run: RunJson
    when: str = Field(description="at_once by odds, at_end so many winners, or empty: no draw", examples=["at_once"])
    least: int = Field(description="tickets; with fewer nothing is drawn at the end", examples=[1])
    one_each: bool = Field(description="whether somebody wins once at most", examples=[False])
    prizes: list[PrizeJson]
    tickets: list[TicketJson] = Field(description="in the order in which they were earned; empty until it is over")


class PlayJson(Schema):
    id: PublicId
    code: str = Field(examples=["lucky-wheel"])
    name: str = Field(examples=["幸运大转盘"])
    skin: str = Field(examples=["play_wheel"])
    ends_at: datetime | None
    terms: str = Field(examples=["每周一轮，满 15 元付款得 1 次。"])
    text: str = Field(description="to be pasted into a chat", examples=["【幸运大转盘】今天买满 15 元就能转一次。"])
    run: RunJson | None = Field(description="the present round; null where neighbours open them")


class PlaysJson(Schema):
    plays: list[PlayJson]


class GrantJson(Schema):
    id: PublicId
    play: PublicId
    name: str = Field(examples=["2 元券（满 25 元）"])
    kind: str = Field(examples=["coupon"])
    state: str = Field(description="given, held, used", examples=["given"])
    worth_fen: int = Field(description="what it may save", examples=[200])
    spent_fen: int = Field(description="what it has saved", examples=[0])
    points: int = Field(examples=[0])
    given_at: datetime
    expires_on: date | None


class GrantsJson(Schema):
    points: int = Field(description="in my purse", examples=[120])
    grants: list[GrantJson] = Field(description="the newest first")


class SideJson(Schema):
    label: str = Field(examples=["3 栋"])


@router.get("/points/{point}/plays", auth=any_caller, response=PlaysJson, summary="What runs at a pickup point")
def plays_at(request: HttpRequest, point: str) -> PlaysJson:
    """The newest first, each with its present round."""
    province_id, point_id = read_public_id("point", point)
    asking = _asking(request, point=point)
    return PlaysJson(plays=[_play_json(asking, one) for one in queries.campaigns_at(province_id, point_id)])


@router.post("/plays/{code}/start", response={201: PlayJson}, summary="Start a play in a province (staff)")
def start(request: HttpRequest, code: str, wish: StartWish) -> Status[PlayJson]:
    """`play_refused` says which rule is against it, where, and which play does the same lawfully; `content_missing`
    and `content_wrong` what it still has to be filled with.
    """
    caller, province_id = caller_of(request), wish.province_id
    caller.require("plays.edit", province_id)
    point_ids = {_point_id(province_id, point) for point in wish.points}
    asked = Plan("", wish.channel, tuple(wish.about), wish.goods, wish.until)
    plan = campaign_at(province_id, tuple(sorted(point_ids)), asked)
    campaign_id = commands.start_play(
        caller,
        province_id=province_id,
        code=code,
        plan=wish.content.added_to(plan, queries.catalogue(province_id).get(code)),
        key=key_of(request),
    )
    return Status(201, _play_json(_asking(request), campaign_of(province_id, campaign_id)))


@router.post("/plays/{play}/deeds/{deed}", response=ResultJson, summary="Do something in a play")
def do(request: HttpRequest, play: str, deed: DeedName, wish: DeedWish | None = None) -> ResultJson:
    """Join, check in, vote, answer, play, walk, water, offer a price, scan the paper, redeem, arrive. What counts is
    decided by the play; what does not count is refused and changes nothing.
    """
    caller, kind = caller_of(request), DEEDS[deed]
    province_id, campaign_id = _own(request, read_public_id("campaign", play))
    one = campaign_of(province_id, campaign_id)
    outcome = commands.act(
        caller, province_id=province_id, deed=_deed(request, campaign_id, kind, wish or DeedWish()), key=key_of(request)
    )
    return ResultJson(**_plain(results.told(_asking(request), one, kind, outcome)))


@router.post("/plays/{play}/votes/take-back", response=ResultJson, summary="Take my vote back, to give it again")
def take_back(request: HttpRequest, play: str) -> ResultJson:
    """In rounds that are open; `not_counted` where I gave none."""
    province_id, campaign_id = _own(request, read_public_id("campaign", play))
    commands.take_back_vote(caller_of(request), province_id=province_id, campaign_id=campaign_id, key=key_of(request))
    return ResultJson(text=_asking(request).t("已撤回，可以再投。", "Taken back; you may vote again."), tone="good")


@router.post("/plays/{play}/runs", response={201: OpenedJson}, summary="Open a round of a play")
def open_run(request: HttpRequest, play: str) -> Status[OpenedJson]:
    """Of plays that neighbours open: others join by its code or link."""
    province_id, campaign_id = _own(request, read_public_id("campaign", play))
    run_id = commands.open_run(
        caller_of(request), province_id=province_id, campaign_id=campaign_id, key=key_of(request)
    )
    view, asking = queries.run(province_id, run_id), _asking(request)
    text = asking.t(f"开好了，口令 {view.code}。", f"It is open. Code {view.code}.")
    return Status(201, OpenedJson(text=text, tone="good", run=public_id("run", province_id, run_id), code=view.code))


@router.post("/plays/{play}/side", response=SideJson, summary="Say which building, team or household I play for")
def take_side(request: HttpRequest, play: str, wish: SideWish) -> SideJson:
    """Whoever says the same at the same pickup point plays together."""
    province_id, campaign_id = _own(request, read_public_id("campaign", play))
    caller = caller_of(request)
    commands.take_side(caller, province_id=province_id, campaign_id=campaign_id, label=wish.label, key=key_of(request))
    side = queries.side_of(province_id, campaign_id, caller.id)
    return SideJson(label=side[1] if side else "")


@router.get("/runs/{run}", auth=any_caller, response=RunJson, summary="A round")
def show_run(request: HttpRequest, run: str) -> RunJson:
    """The seed and the answer stay empty until it is over."""
    return _run_json(read_public_id("run", run)[0], queries.run(*read_public_id("run", run)))


@router.get("/runs/{run}/log", auth=any_caller, response=LogJson, summary="The tickets of a round, to check its draw")
def show_log(request: HttpRequest, run: str) -> LogJson:
    """The hash of the seed before, the seed and every ticket after the end."""
    province_id, run_id = read_public_id("run", run)
    view = queries.run(province_id, run_id)
    progress = campaign_of(province_id, view.campaign_id).definition.progress
    draw = progress if isinstance(progress, Draw) else None
    return LogJson(
        run=_run_json(province_id, view),
        when=draw.when if draw else "",
        least=draw.least if draw else 1,
        one_each=draw.one_each if draw else False,
        prizes=[
            PrizeJson(
                name=one.name.in_(language_of(request)),
                odds_ppm=one.odds_ppm,
                winners=one.winners,
                stock=one.stock,
            )
            for one in (draw.prizes if draw else ())
        ],
        tickets=[
            TicketJson(name=one.name, number=one.number, prize=one.prize)
            for one in queries.tickets_of_run(province_id, run_id)
        ],
    )


@router.get("/me/grants", response=GrantsJson, summary="What plays gave me")
def my_grants(request: HttpRequest) -> GrantsJson:
    """Coupons, goods, credit and whatever else, and my points."""
    caller, asking = caller_of(request), _asking(request)
    found = queries.grants_of_member(caller)
    known = {one.campaign_id: campaign_of(caller.province_id, one.campaign_id) for one in found}
    return GrantsJson(
        points=queries.points(caller.province_id, caller.id),
        grants=[
            GrantJson(
                id=public_id("grant", caller.province_id, one.id),
                play=public_id("campaign", caller.province_id, one.campaign_id),
                name=giving.granted(asking, known[one.campaign_id], one),
                kind=one.kind,
                state=one.state,
                worth_fen=one.worth.fen,
                spent_fen=one.spent.fen,
                points=one.points,
                given_at=one.given_at,
                expires_on=one.expires_on,
            )
            for one in found
        ],
    )


def _asking(request: HttpRequest, **parameters: str) -> Asking:
    return Asking(language_of(request), clock.now(), caller_of(request), parameters)


def _point_id(province_id: int, text: str) -> int:
    """A point of this province; NotFound for any other."""
    of_province, point_id = read_public_id("point", text)
    if of_province != province_id:
        raise NotFound(thing="point")
    return leaders.point(province_id, point_id).id


def _own(request: HttpRequest, named: tuple[int, int]) -> tuple[int, int]:
    """What is of the caller's own province."""
    province_id, row_id = named
    if province_id != caller_of(request).province_id:
        raise Forbidden
    return province_id, row_id


def _deed(request: HttpRequest, campaign_id: int, kind: FactKind, wish: DeedWish) -> Deed:
    caller, unit = caller_of(request), 0
    if wish.entry and wish.neighbour:
        raise Invalid(reason="entry, neighbour")
    if wish.entry:
        _, unit = _own(request, read_public_id("entry", wish.entry))
    if wish.neighbour:
        _, unit = _own(request, read_public_id("member", wish.neighbour))
    answer = str(wish.answer)[:LONGEST]
    said = (answer if wish.question is None else f"{wish.question}:{answer}",) if kind == "answered" else ()
    return Deed(
        campaign_id=campaign_id,
        kind=kind,
        run_id=_own(request, read_public_id("run", wish.run))[1] if wish.run else 0,
        unit=unit,
        units=wish.steps,
        points=wish.points,
        fen=wish.fen,
        of=said,
        nonce=wish.nonce or (key_of(request) or "")[:64],
        code=wish.code,
        has_bought=has_bought(caller.province_id, caller.id),
    )


def _plain(result: PlayResult) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(result)
    return found


def _play_json(asking: Asking, one: CampaignView) -> PlayJson:
    seen = scene(asking, one)
    return PlayJson(
        id=seen.id,
        code=one.definition.code,
        name=one.definition.name.in_(asking.language),
        skin=one.definition.skin.kind,
        ends_at=seen.ends_at,
        terms=known.terms(seen),
        text=known.chat_text(seen),
        run=_run_json(one.province_id, seen.run) if seen.run else None,
    )


def _run_json(province_id: int, view: RunView) -> RunJson:
    return RunJson(
        id=public_id("run", province_id, view.id),
        play=public_id("campaign", province_id, view.campaign_id),
        code=view.code,
        state=view.state,
        begins_at=view.begins_at,
        ends_at=view.ends_at,
        total=view.total,
        seats=view.seats,
        commitment=view.commitment,
        seed=view.seed,
        sealed=view.sealed,
        answer=view.answer,
    )
