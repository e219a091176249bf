"""Relay lists and their drafts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import QuerySet

from lintuan.catalog import queries as catalog
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import NotFound
from lintuan.leaders.queries import point_now
from lintuan.ordering.engine import relays
from lintuan.ordering.engine.relays import DraftLine, DraftState, DraftView, RelayView
from lintuan.ordering.evenings import past_evenings as past_evenings  # noqa: PLC0414  it is a question to orders, too large for here
from lintuan.ordering.facts import STANDING
from lintuan.ordering.models import Order, RelayDraft
from lintuan.ordering.types import (
    State,
)
from lintuan.pricing.queries import offers_of_day


def relay_goods(province_id: int, sale_on: date) -> tuple[relays.Named, ...]:
    """What a relay list of a day may wish for, and by which words; sold out or not."""
    tonight = [stocked.offer for stocked in offers_of_day(province_id, sale_on)]
    skus = catalog.skus({offer.sku_id for offer in tonight})
    named = [(offer.id, skus[offer.sku_id]) for offer in tonight]
    return relays.goods([relays.Sold(offer_id, sku.name, sku.name_en, sku.spec, sku.unit) for offer_id, sku in named])


def relay(caller: Caller, province_id: int, point_id: int, sale_on: date) -> RelayView:
    """The list of a point on an evening, empty while none was pasted; for its leader, NotFound for anyone else."""
    if not caller.is_leader(province_id, point_now(province_id, point_id).leader_id):
        raise NotFound(thing="point")
    rows = RelayDraft.objects.filter(
        province_id=province_id, relay__province_id=province_id, relay__sale_on=sale_on, relay__point_id=point_id
    )
    return RelayView(province_id, point_id, sale_on, tuple(_drafts(province_id, rows)))


def drafts(province_id: int, draft_ids: Iterable[int]) -> dict[int, DraftView]:
    """Drafts by id, for whoever has proved their codes or leads; unknown ids are absent."""
    rows = RelayDraft.objects.filter(province_id=province_id, id__in=set(draft_ids))
    return {view.id: view for view in _drafts(province_id, rows)}


def drafts_of_member(caller: Caller) -> Sequence[DraftView]:
    """The lines of relay lists that the calling member confirmed; those of long past days are gone."""
    caller.require_kind(Kind.MEMBER)
    rows = RelayDraft.objects.filter(province_id=caller.province_id, member_id=caller.id)
    return _drafts(caller.province_id, rows)


def lines_drafted(row: RelayDraft) -> tuple[DraftLine, ...]:
    """The units that stand in a draft."""
    return tuple(map(DraftLine, row.offers, row.quantities, row.sure))


def _drafts(province_id: int, rows: QuerySet[RelayDraft]) -> list[DraftView]:
    """By number. Of a confirmed one whose order no longer stands the member may confirm again: it is ready."""
    found = list(rows.select_related("relay").order_by("number", "id"))
    holders = Order.objects.filter(province_id=province_id, id__in={row.order_id for row in found})
    states = {order_id: State(state) for order_id, state in holders.values_list("id", "state")}
    return [_draft(row, states.get(row.order_id)) for row in found]


def _draft(row: RelayDraft, order_state: State | None) -> DraftView:
    state = DraftState(row.state)
    if state is DraftState.CONFIRMED and order_state not in STANDING:
        state = DraftState.READY
    return DraftView(
        id=row.id,
        province_id=row.province_id,
        point_id=row.relay.point_id,
        sale_on=row.relay.sale_on,
        number=row.number,
        name=row.name,
        code=row.code,
        state=state,
        lines=lines_drafted(row),
        unread=row.unread,
        differs=row.differs,
        member_id=row.member_id,
        order_id=row.order_id,
        order_state=order_state,
    )
