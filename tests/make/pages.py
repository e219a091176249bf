"""A stage on which every page has something to show, and a reader who asks for pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from lintuan.fulfilment import commands as fulfilments
from lintuan.fulfilment.models import Proxy
from lintuan.kernel import clock
from lintuan.kernel.callers import NOBODY, Caller
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.ids import public_id
from lintuan.leaders.types import PointView
from lintuan.ordering.engine.relays import RelayView
from lintuan.ordering.types import BasketView, OrderView
from lintuan.pages.addresses import draft_ticket
from lintuan.pages.compose.asking import Asking, Wish
from lintuan.pages.compose.directory import compose
from lintuan.pages.tree.page import Page
from lintuan.payments.engine.methods import Place
from lintuan.plays import commands as play_commands
from lintuan.plays.engine import rewards
from lintuan.plays.engine.definition import Limits, Skin, Texts
from lintuan.plays.engine.progress import Reach
from lintuan.plays.engine.values import Text
from lintuan.plays.types import CampaignView
from lintuan.pricing.types import OfferView
from tests.make import campaigns, catalog, fulfilment, leaders, members, ordering, plays, pricing, relays
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

ClockAt = Callable[[str], datetime]

LANGUAGES = ("zh-hans", "en")
#: The next evening: yesterday's goods are handed out, tonight's are on the shelf.
NEXT_EVENING = "2026-11-21T18:30+08:00"
#: Names of few letters, and goods in English, that pages of both languages may show.
RELAY = "1. Sun Potatoes 1\n2. Qi Potatoes 1 durian\n3. Wu Potatoes 2"
FOR_GUESTS = {
    "shelf", "product", "basket", "points", "me", "privacy_notice", "sign_in", "proxy",
    "plays", "play", "run", "proof",
}  # fmt: skip
FOR_MEMBERS = FOR_GUESTS | {
    "household", "draft", "checkout", "paying", "orders", "order", "pickup", "claim", "claims", "rewards", "privacy",
    "invoice", "balance",
}  # fmt: skip
FOR_LEADERS = FOR_GUESTS | {
    "tonight", "post", "relay", "play_shelf", "play_start", "play_standing", "members", "receive", "handout",
    "picklists", "commission", "withdraw", "point",
}  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """One member with a past, a leader, a point and the goods of tonight."""

    member: Caller
    leader: Caller
    point: PointView
    offers: tuple[OfferView, ...]
    unpaid: OrderView
    collected: OrderView
    basket: BasketView
    relay: RelayView
    campaign: CampaignView
    play: CampaignView
    run_id: int

    @property
    def point_id(self) -> str:
        return public_id("point", HUBEI, self.point.id)

    @property
    def basket_id(self) -> str:
        return public_id("basket", HUBEI, self.basket.id)

    @property
    def draft_id(self) -> str:
        """Of a line that waits for the leader."""
        return public_id("draft", HUBEI, self.relay.drafts[1].id)

    def offer_id(self, place: int = 0) -> str:
        return public_id("offer", HUBEI, self.offers[place].id)

    def parameters(self, name: str) -> dict[str, str]:
        """What a page of this stage is asked with."""
        order = public_id("order", HUBEI, self.unpaid.id)
        past = public_id("order", HUBEI, self.collected.id)
        own = {
            "product": {"offer": self.offer_id()},
            "order": {"order": order},
            "paying": {"order": order},
            "claim": {"order": past, "line": public_id("line", HUBEI, self.collected.lines[0].id)},
            "invoice": {"order": past},
            "proxy": {"token": self.token()},
            "play_start": {"play": "food-quiz"},
            "play_standing": {"campaign": public_id("campaign", HUBEI, self.campaign.id)},
            "play": {"play": public_id("campaign", HUBEI, self.play.id)},
            "run": {"run": public_id("run", HUBEI, self.run_id)},
            "proof": {"run": public_id("run", HUBEI, self.run_id)},
            "draft": {"ticket": draft_ticket(self.member, self.relay.drafts[0].id)},
        }
        return {"point": self.point_id, **own.get(name, {})}

    def token(self) -> str:
        """Of the proxy that the member made."""
        return f"{HUBEI}-{Proxy.objects.get(province_id=HUBEI, ended_at=None).token}"

    def wishes(self) -> tuple[Wish, ...]:
        return (Wish(self.offer_id(0), 2), Wish(self.offer_id(1), 1))


def stage(clock_at: ClockAt) -> Stage:
    """A night lived through, and the evening after it."""
    clock_at(EVENING)
    point, elsewhere = (leaders.point(address=f"Luojia Road {n}", leader_name="Aunt Wang") for n in (1, 2))
    fulfilment.network([point, elsewhere])
    member = members.member(name="Li Lei")
    greens = pricing.offer(599)
    waiting = fulfilment.buy(point, (greens, 2), member=member)
    fetched = fulfilment.buy(elsewhere, (greens, 3), member=member)
    fulfilment.buy(point, (greens, 1), member=members.member(name="Han Meimei"))
    fulfilment.collected(clock_at, fetched)
    fulfilment.claim(fetched)
    clock_at(NEXT_EVENING)
    return _tonight(point, member, (waiting, fetched))


def _tonight(point: PointView, member: Caller, past: tuple[OrderView, OrderView]) -> Stage:
    """The same member has fetched something too, has claimed, orders again, and shops with a neighbour."""
    waiting, fetched = past
    sku = catalog.sku(product=catalog.new_product(name="土豆", name_en="Potatoes"))
    offers = (pricing.offer(399, sku=sku, per_life_limit=5), *pricing.offers(14))
    unpaid = ordering.order(ordering.line(offers[0], 2), ordering.line(offers[1]), member=member, point=point)
    ordering.paid_order(ordering.line(offers[2], 1), member=member, point=point)
    basket = ordering.basket(member, members.member(name="Han Meimei"), point=point)
    ordering.put_in(basket, member, (offers[3], 2))
    relay = relays.paste(point, RELAY)
    relays.confirm(members.member(name="Han Meimei"), relay.drafts[2])
    relay = relays.see(point, offers[0].sale_on)
    catch_up(Horizon.OWN)
    _rewarded(member, point, sku.id)
    fulfilments.make_proxy(member, province_id=HUBEI, pickup_id=fulfilment.pickup(waiting).id)
    leader = leaders.leader_of(point)
    campaign = campaigns.started(leader, "spend-and-save", point, offers[0])
    campaigns.hear(campaigns.paid(member, 3500, point=point, sku_id=offers[0].sku_id))
    play, run_id = _plays(point, member)
    stage = (member, leader, point, offers, unpaid, ordering.now(fetched), basket, relay, campaign)
    return Stage(*stage, play, run_id)


def _rewarded(member: Caller, point: PointView, sku_id: int) -> None:
    """What plays gave the member, of every kind that a member may have."""
    play = plays.definition(
        Reach(levels=(1,), of="unit"),
        [
            rewards.Coupon(off_fen=200, over_fen=1000),
            rewards.Cash(fen=150),
            rewards.Goods(sku="gift", units=2, worth_fen=100),
            rewards.Points(points=30),
            rewards.Privilege(name=Text(zh="先选菜", en="First to choose")),
            rewards.Honour(name=Text(zh="厨神", en="Cook of the week")),
            rewards.Perk(name=Text(zh="送到门口", en="Brought to the door")),
            rewards.Chance(play="other-play", tickets=1),
        ],
        name=Text(zh="邻居红包", en="Neighbours' gift"),
        limits=Limits(budget_fen=5000),
    )
    campaigns.running(play, sku_ids=[999_999], goods={"gift": sku_id})
    campaigns.hear(campaigns.paid(member, point=point, sku_id=999_999, order_id=999_999))


def _plays(point: PointView, member: Caller) -> tuple[CampaignView, int]:
    """A group that the member opened, and a coupon that they have."""
    words = {"name": Text(zh="邻里团", en="Neighbours' group"), "terms": Text(zh="满三人", en="Three join")}
    skin = Skin(kind="play_board", title=Text(zh="邻里团", en="Neighbours' group"))
    shown = {**words, "skin": skin, "texts": Texts(invite=words["name"], progress=words["name"], done=words["name"])}
    campaigns.running(plays.definition(Reach(levels=(1,), of="unit"), [campaigns.COUPON], **shown), sku_ids=[1])
    campaigns.hear(campaigns.paid(member, point=point, sku_id=1, order_id=999_999))
    play = campaigns.running(campaigns.group(**shown, share=("code", "card")))
    return play, play_commands.open_run(member, province_id=HUBEI, campaign_id=play.id)


def ask(
    name: str,
    caller: Caller = NOBODY,
    parameters: Mapping[str, str] | None = None,
    *,
    language: str = "en",
    basket: tuple[Wish, ...] | None = (),
    place: Place = Place.WECHAT_BROWSER,
) -> Page:
    """A page as its composer makes it at this moment."""
    return compose(name, Asking(language, clock.now(), caller, parameters or {}, basket, place))


def document(page: Page) -> dict[str, Any]:
    """The page as a client reads it."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(page))
    return found


def parts(value: object) -> Iterator[dict[str, Any]]:
    """Every node, action and value of a page, the page itself first."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from parts(each)
    elif isinstance(value, list):
        for each in value:
            yield from parts(each)


def actions(value: object) -> Iterator[dict[str, Any]]:
    """Every action of a page."""
    return (part for part in parts(value) if "do" in part)


def texts(value: object) -> Iterator[str]:
    """Every string in it that people read or may be shown."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
