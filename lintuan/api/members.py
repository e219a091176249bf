"""The person who calls: who they are, where they collect, what we keep of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from lintuan.catalog import queries as catalog
from lintuan.fulfilment import queries as fulfilment
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.leaders import commands as leader_commands
from lintuan.leaders import queries as leaders
from lintuan.leaders.types import NewChoice
from lintuan.members import commands, queries
from lintuan.members.types import NOTICE_VERSION, NewMember
from lintuan.ordering import queries as ordering
from lintuan.pages.addresses import photo_address
from lintuan.plays import queries as plays
from lintuan.settlement import queries as settlement

from .balances import Balance, balance_json
from .handout import Claim, claims_json
from .http import caller_of, key_of
from .invoices import InvoiceOut, invoices_json
from .leaders import Point, point_json
from .persons import Person, person

router = Router(tags=["members"])


class Me(Person):
    point: Point | None = Field(default=None, description="where a member collects")
    points: list[Point] = Field(default=[], description="which a leader keeps")
    rights: list[str] = Field(default=[], description="of staff", examples=[["ordering.read"]])
    provinces: list[int] = Field(default=[], description="of staff; empty is everywhere", examples=[[42]])


class Consent(Schema):
    item: str = Field(examples=["privacy"])
    version: str = Field(examples=[NOTICE_VERSION])
    given_at: datetime = Field(examples=["2026-11-20T12:00:00Z"])


class ConsentWish(Schema):
    item: str = Field(default="privacy", min_length=1, max_length=20, examples=["privacy"])
    version: str = Field(min_length=1, max_length=20, examples=[NOTICE_VERSION])


class OrderKept(Schema):
    number: str = Field(examples=["11207KQ2MX"])
    sale_on: date = Field(examples=["2026-11-20"])
    state: str = Field(examples=["collected"])
    amount_fen: int = Field(examples=[3980])
    refunded_fen: int = Field(examples=[0])
    saved_fen: int = Field(description="what plays pay of the amount", examples=[0])
    placed_at: datetime = Field(examples=["2026-11-20T12:00:00Z"])


class BasketLineKept(Schema):
    sku_code: str = Field(examples=["VEG-0001"])
    quantity: int = Field(examples=[2])


class BasketKept(Schema):
    """One's own part of a household basket; what the others put in is theirs."""

    sale_on: date = Field(examples=["2026-11-20"])
    joined_at: datetime = Field(examples=["2026-11-20T12:00:00Z"])
    is_opener: bool = Field(examples=[True])
    is_joint: bool = Field(description="whether the others may collect", examples=[True])
    lines: list[BasketLineKept]


class RelayLineKept(Schema):
    """A line of a relay list that one confirmed, with the name as it stood in the chat."""

    sale_on: date = Field(examples=["2026-11-20"])
    number: int = Field(examples=[3])
    name: str = Field(examples=["张姐"])
    code: str = Field(examples=["7KQ2"])
    unread: str = Field(description="what of it nobody understood", examples=[""])


class ProxyKept(Schema):
    """When somebody else was sent to collect, and whether they came."""

    made_at: datetime = Field(examples=["2026-11-21T08:00:00Z"])
    ended_at: datetime | None = Field(examples=["2026-11-21T10:00:00Z"])
    is_used: bool = Field(examples=[True])


class PickupKept(Schema):
    sale_on: date = Field(examples=["2026-11-20"])
    point_code: str = Field(examples=["WH-0001"])
    code: str = Field(examples=["042917"])
    state: str = Field(description="waiting, collected, unclaimed", examples=["collected"])
    collected_at: datetime | None = Field(examples=["2026-11-21T10:00:00Z"])
    proxies: list[ProxyKept]


class PhotoKept(Schema):
    """A photo that no claim has used yet; those of claims are with them."""

    address: str = Field(description="good for some hours", examples=["/api/v1/photos/..."])
    sent_at: datetime = Field(examples=["2026-11-21T11:00:00Z"])


class RewardKept(Schema):
    """What a play gave, whatever became of it."""

    kind: str = Field(examples=["coupon"])
    play: str = Field(examples=["邻居红包"])
    state: str = Field(description="given, held, denied, used, taken, lapsed", examples=["used"])
    worth_fen: int = Field(examples=[200])
    spent_fen: int = Field(examples=[200])
    points: int = Field(examples=[0])
    given_at: datetime = Field(examples=["2026-11-20T12:00:00Z"])
    expires_on: date | None = Field(examples=["2026-11-27"])


class Export(Schema):
    id: str = Field(examples=["Uk3xQw9Z"])
    province_id: int = Field(examples=[42])
    phone: str = Field(description="whole, for it is yours", examples=["13800008000"])
    name: str = Field(examples=["李雷"])
    joined_at: datetime = Field(examples=["2026-11-20T12:00:00Z"])
    consents: list[Consent]
    sessions_opened_at: list[datetime]
    devices: list[str] = Field(
        description="digests of the marks of devices that you are signed in on", examples=[["9f86d081884c7d65"]]
    )
    newcomer_marks: list[datetime] = Field(
        description="when a mark was made that you had a newcomer's reward", examples=[["2026-11-20T12:00:00Z"]]
    )
    point: Point | None
    orders: list[OrderKept]
    baskets: list[BasketKept]
    relay_lines: list[RelayLineKept]
    pickups: list[PickupKept]
    claims: list[Claim]
    photos: list[PhotoKept]
    invoices: list[InvoiceOut] = Field(description="kept for five years, also once you are forgotten")
    balance: Balance = Field(description="yours, also once you are forgotten")
    rewards: list[RewardKept]
    points: int = Field(examples=[30])


class PointChoice(Schema):
    point_id: str = Field(max_length=40, examples=["Uk3xQw9Z"])


class PersonWish(Schema):
    phone: str = Field(max_length=20, examples=["13800008000"])
    name: str = Field(default="", max_length=40, examples=["李雷"])
    point_id: str | None = Field(default=None, max_length=40, examples=["Uk3xQw9Z"])


class PeopleWish(Schema):
    province_id: int = Field(examples=[42])
    people: list[PersonWish] = Field(max_length=1000)


class Imported(Schema):
    created: int = Field(examples=[1])
    ids: dict[str, str] = Field(description="by phone", examples=[{"13800008000": "Uk3xQw9Z"}])


@router.get("/me", response=Me, summary="Who I am")
def me(request: HttpRequest) -> Me:
    caller = caller_of(request)
    answer = Me(**person(caller).dict(), rights=sorted(caller.rights), provinces=sorted(caller.provinces))
    if caller.kind is Kind.MEMBER:
        answer.point = _point_of(caller)
    if caller.kind is Kind.LEADER:
        answer.points = [point_json(view) for view in leaders.points_of_leader(caller.province_id, caller.id)]
    return answer


@router.get("/me/export", response=Export, summary="All that is kept of me as a member")
def export(request: HttpRequest) -> Export:
    caller = caller_of(request)
    caller.require_kind(Kind.MEMBER)
    kept = queries.export_member(caller, caller.province_id, caller.id)
    handed = fulfilment.kept_of_member(caller)
    return Export(
        id=public_id("member", caller.province_id, caller.id),
        province_id=caller.province_id,
        phone=kept.member.phone,
        name=kept.member.name,
        joined_at=kept.member.joined_at,
        consents=[Consent(item=one.item, version=one.version, given_at=one.given_at) for one in kept.consents],
        sessions_opened_at=list(kept.sessions_opened_at),
        devices=list(kept.devices),
        newcomer_marks=list(plays.newcomer_marks(caller)),
        point=_point_of(caller),
        orders=list(_orders_of(caller)),
        baskets=_baskets_of(caller),
        relay_lines=[
            RelayLineKept(sale_on=one.sale_on, number=one.number, name=one.name, code=one.code, unread=one.unread)
            for one in ordering.drafts_of_member(caller)
        ],
        pickups=[_pickup(caller, one) for one in handed.pickups],
        claims=claims_json(handed.claims),
        photos=[
            PhotoKept(address=photo_address(caller.province_id, one.key), sent_at=one.sent_at) for one in handed.photos
        ],
        invoices=invoices_json(settlement.invoices_of_member(caller)),
        balance=balance_json(caller),
        rewards=_rewards_of(caller),
        points=plays.points(caller.province_id, caller.id),
    )


@router.delete("/me", response={204: None}, summary="Forget me; orders stay in the books without my name")
def forget(request: HttpRequest) -> Status[None]:
    caller = caller_of(request)
    caller.require_kind(Kind.MEMBER)
    commands.forget_member(caller, province_id=caller.province_id, member_id=caller.id, key=key_of(request))
    return Status(204, None)


@router.put("/me/point", response=Point, summary="Collect at this point from now on")
def choose_point(request: HttpRequest, choice: PointChoice) -> Point:
    province_id, point_id = read_public_id("point", choice.point_id)
    leader_commands.choose_point(caller_of(request), province_id=province_id, point_id=point_id, key=key_of(request))
    return point_json(leaders.point(province_id, point_id))


@router.put("/me/consents", response={204: None}, summary="Agree to a version of a notice")
def consent(request: HttpRequest, wish: ConsentWish) -> Status[None]:
    caller = caller_of(request)
    caller.require_kind(Kind.MEMBER)
    commands.record_consent(
        caller, province_id=caller.province_id, member_id=caller.id, item=wish.item, version=wish.version
    )
    return Status(204, None)


@router.post("/members/import", response=Imported, summary="Bring over members of another list (staff)")
def import_members(request: HttpRequest, wish: PeopleWish) -> Imported:
    caller, key, province_id = caller_of(request), key_of(request), wish.province_id
    people = tuple(NewMember(one.phone, one.name) for one in wish.people)
    created = commands.import_members(caller, province_id=province_id, people=people, key=key)
    ids = queries.member_ids(province_id, [queries.read_phone(one.phone) for one in wish.people])
    choices = tuple(
        NewChoice(ids[queries.read_phone(one.phone)], read_public_id("point", one.point_id)[1])
        for one in wish.people
        if one.point_id
    )
    if choices:
        leader_commands.choose_points(caller, province_id=province_id, choices=choices, key=key)
    return Imported(
        created=created,
        ids={phone: public_id("member", province_id, member_id) for phone, member_id in ids.items()},
    )


def _orders_of(caller: Caller) -> Iterator[OrderKept]:
    before_id = None
    while page := ordering.orders_of_member(caller, before_id=before_id):
        for order in page:
            yield OrderKept(
                number=order.number,
                sale_on=order.sale_on,
                state=order.state,
                amount_fen=order.amount.fen,
                refunded_fen=order.refunded.fen,
                saved_fen=order.saved.fen,
                placed_at=order.placed_at,
            )
        before_id = page[-1].id


def _rewards_of(caller: Caller) -> list[RewardKept]:
    found = plays.all_grants_of_member(caller)
    campaigns = plays.campaigns_by_id(caller.province_id, {one.campaign_id for one in found})
    return [
        RewardKept(
            kind=one.kind,
            play=campaigns[one.campaign_id].definition.name.zh,
            state=one.state,
            worth_fen=one.worth.fen,
            spent_fen=one.spent.fen,
            points=one.points,
            given_at=one.given_at,
            expires_on=one.expires_on,
        )
        for one in found
    ]


def _baskets_of(caller: Caller) -> list[BasketKept]:
    views = ordering.baskets_of_member(caller)
    skus = catalog.skus({line.sku_id for view in views for line in view.mine.lines})
    return [
        BasketKept(
            sale_on=view.sale_on,
            joined_at=view.mine.joined_at,
            is_opener=view.mine.is_opener,
            is_joint=view.mine.is_joint,
            lines=[BasketLineKept(sku_code=skus[line.sku_id].code, quantity=line.quantity) for line in view.mine.lines],
        )
        for view in views
    ]


def _pickup(caller: Caller, kept: fulfilment.PickupKept) -> PickupKept:
    return PickupKept(
        sale_on=kept.sale_on,
        point_code=leaders.point(caller.province_id, kept.point_id).code,
        code=kept.code,
        state=kept.state,
        collected_at=kept.collected_at,
        proxies=[ProxyKept(made_at=one.made_at, ended_at=one.ended_at, is_used=one.is_used) for one in kept.proxies],
    )


def _point_of(caller: Caller) -> Point | None:
    view = leaders.point_of_member(caller.province_id, caller.id)
    return point_json(view) if view else None
