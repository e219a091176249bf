"""One batch, from looking to answering. It asks for statements and is given their rows, so it knows no driver."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache

from django.conf import settings

from lintuan.kernel import ids
from lintuan.kernel.errors import KeyReused, Refusal
from lintuan.ordering import rules
from lintuan.ordering.days import Desk
from lintuan.ordering.errors import OfferNotTonight, OfferUnknown
from lintuan.ordering.facts import STANDING
from lintuan.ordering.numbers import Scrambler
from lintuan.ordering.types import Agreement, OrderFacts
from lintuan.pricing.errors import SoldOut

from .blocks import Blocks
from .book import Book
from .columns import Day, Draft, columns
from .statements import BOUGHT, BOUGHT_EVER, LOOK, TAKE_IN, Row, Step, array
from .wishes import BookOutdated, Outcome, PlacedBefore, TryAgain, Wish

Steps = Generator[Step, Sequence[Row], list[Outcome]]

#: A book's count of changes where its caller knows that it is new enough.
ANY = -1

LIVE = [state.value for state in rules.LIVE]


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of one wish's member and key; `placed_before` is the order under that key, or 0."""

    version: int = 0
    bought: Mapping[int, int] = field(default_factory=dict)
    bought_ever: Mapping[int, int] = field(default_factory=dict)
    placed_before: int = 0
    content_hash: int = 0


@dataclass(frozen=True, slots=True)
class Stores:
    """Where this process has its ids from."""

    orders: Blocks
    lines: Blocks
    charges: Blocks

    @classmethod
    def fresh(cls) -> Stores:
        return cls(Blocks("ordering_order"), Blocks("ordering_orderline"), Blocks("payments_charge"))


def take_in(book: Book, wishes: Sequence[Wish], now: datetime, stores: Stores) -> Steps:
    """Outcomes of the wishes of one province, in their order; no two may be of one member.

    TryAgain stands for a wish whose member was faster elsewhere: to be decided anew. BookOutdated when all are.
    """
    desk = Desk(book.province, now, book.sale_on)
    known = yield from _look(book, wishes)
    facts = desk.facts_of(book.offers)
    outcomes: list[Outcome] = []
    places: list[int] = []
    agreed: list[tuple[Wish, Agreement, int]] = []
    for wish, found in zip(wishes, known, strict=True):
        decided = _decide(book, facts, wish, found)
        if isinstance(decided, Agreement):
            places.append(len(outcomes))
            agreed.append((wish, decided, found.version))
            outcomes.append(TryAgain())
        else:
            outcomes.append(decided)
    if agreed:
        drafts = yield from _drafts(agreed, stores)
        written = yield from _write(book, desk, drafts)
        for place, outcome in zip(places, written, strict=True):
            outcomes[place] = outcome
    return outcomes


def _look(book: Book, wishes: Sequence[Wish]) -> Generator[Step, Sequence[Row], list[Known]]:
    """Whether each key has an order already, and what else its member holds."""
    province_id, members = book.province.id, [wish.caller.id for wish in wishes]
    known = [Known()] * len(wishes)
    keys = array(wish.key_hash for wish in wishes)
    rows = yield Step(LOOK, [province_id, book.sale_on or date.min, array(members), keys])
    looked = {place: row for place, *row in rows}
    count, *_ = looked.pop(0)
    if book.changes not in (ANY, count):
        raise BookOutdated
    held = {members[place - 1]: orders for place, (_, orders, *_) in looked.items() if orders}
    bought = yield from _bought(province_id, held)
    for place, (version, _, order_id, content_hash) in looked.items():
        mine = bought.get(members[place - 1], {})
        known[place - 1] = Known(version, mine, {}, order_id or 0, content_hash or 0)
    limited = _limited_for_life(book, wishes)
    if limited:
        ever = yield from _bought_ever(province_id, members, limited)
        known = [replace(found, bought_ever=ever.get(member, {})) for found, member in zip(known, members, strict=True)]
    return known


_Units = dict[int, dict[int, int]]


def _bought(province_id: int, held: Mapping[int, Sequence[int]]) -> Generator[Step, Sequence[Row], _Units]:
    """Units per offer in the live orders of each member, given by ids."""
    if not held:
        return {}
    rows = yield Step(BOUGHT, [province_id, array(order for orders in held.values() for order in orders), LIVE])
    return _by_member(rows)


def _bought_ever(
    province_id: int, members: Sequence[int], skus: Collection[int]
) -> Generator[Step, Sequence[Row], _Units]:
    """Units per SKU that each member ever ordered and did not give up."""
    rows = yield Step(BOUGHT_EVER, [province_id, array(members), array(skus), list(STANDING), 0])
    return _by_member(rows)


def _by_member(rows: Iterable[Row]) -> _Units:
    units: _Units = defaultdict(dict)
    for member_id, thing_id, count in rows:
        units[member_id][thing_id] = count
    return units


def _limited_for_life(book: Book, wishes: Iterable[Wish]) -> set[int]:
    offers = book.offers
    return {
        offers[line.offer_id].sku_id
        for wish in wishes
        for line in wish.request.lines
        if line.offer_id in offers and offers[line.offer_id].per_life_limit
    }


def _decide(book: Book, facts: OrderFacts, wish: Wish, known: Known) -> Agreement | Outcome:
    """A key that has an order comes before any refusal: it was agreed then."""
    if known.placed_before:
        return PlacedBefore(known.placed_before) if known.content_hash == wish.content_hash else KeyReused()
    refusal = book.refuses(wish.caller.id, wish.request.point_id)
    if refusal is not None:
        return refusal
    if known.bought or known.bought_ever or wish.request.basket_id:
        facts = replace(
            facts,
            bought=known.bought,
            bought_ever=known.bought_ever,
            member_id=wish.caller.id,
            basket=book.basket,
        )
    try:
        return rules.check_order(wish.request, facts)
    except OfferUnknown as unknown:
        # A whole book lacks the offers of other days, too; 0 is of another province.
        is_elsewhere = not all(line.offer_id for line in wish.request.lines)
        return unknown if is_elsewhere or not book.is_whole else OfferNotTonight(offer=unknown.facts["offer"])
    except Refusal as against:
        return against


def _drafts(
    agreed: Sequence[tuple[Wish, Agreement, int]], stores: Stores
) -> Generator[Step, Sequence[Row], list[Draft]]:
    order_ids = yield from stores.orders.take(len(agreed))
    charge_ids = yield from stores.charges.take(len(agreed))
    line_ids = yield from stores.lines.take(sum(len(agreement.lines) for _, agreement, _ in agreed))
    drafts, used, scrambler = [], 0, _scrambler(settings.SECRET_KEY)
    for order_id, charge_id, (wish, agreement, version) in zip(order_ids, charge_ids, agreed, strict=True):
        number = scrambler.number(agreement.sale_on, order_id)
        mine = line_ids[used : used + len(agreement.lines)]
        used += len(mine)
        drafts.append(Draft(wish, agreement, version, order_id, charge_id, number, mine))
    return drafts


def _write(book: Book, desk: Desk, drafts: Sequence[Draft]) -> Steps:
    sale_on = drafts[0].agreement.sale_on
    minutes, cutoff_at = book.province.terms.unpaid_minutes, desk.at("cutoff", sale_on)
    pay_by = rules.pay_by(desk.now, minutes=minutes, cutoff_at=cutoff_at)
    day = Day(book.province.id, sale_on, desk.now, pay_by, book.edition)
    rows = yield Step(TAKE_IN, columns(day, drafts))
    outcomes: list[Outcome] = [draft.placed(at=desk.now, pay_by=pay_by) for draft in drafts]
    for place, outcome, offers, lefts in rows:
        if outcome == "sold_out":
            outcomes[place - 1] = sold_out(book, offers, lefts)
        elif outcome == "closed":
            outcomes[place - 1] = desk.too_late()
        else:
            outcomes[place - 1] = TryAgain()
    return outcomes


def sold_out(book: Book, offers: Sequence[int], lefts: Sequence[int]) -> SoldOut:
    """What was left of each offer that was short, the first of them by name."""
    province_id = book.province.id
    names = [ids.public_id("offer", province_id, offer_id) for offer_id in offers]
    sku = book.skus[book.offers[offers[0]].sku_id]
    return SoldOut(
        offer=names[0],
        left=lefts[0],
        name=sku.name_in("zh-hans"),
        name_en=sku.name_in("en"),
        short=[{"offer": name, "left": left} for name, left in zip(names, lefts, strict=True)],
    )


@cache
def _scrambler(secret: str) -> Scrambler:
    return Scrambler(secret.encode())
