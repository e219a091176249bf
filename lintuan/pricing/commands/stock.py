"""Taking stock and giving it back: one statement each, rows in the order of offer ids (docs/algorithms/stock.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection, transaction

from lintuan.catalog import queries as catalog
from lintuan.kernel import ids
from lintuan.pricing import rules
from lintuan.pricing.errors import SoldOut
from lintuan.pricing.models import Offer, Stock

_MOVE = "SELECT pricing_move_stock(%s, %s::bigint[], %s::bigint[])"


def take_stock(province_id: int, wanted: Iterable[tuple[int, int]]) -> None:
    """Take (offer id, quantity) pairs, all or none; call it last in a command, as it holds the rows until commit."""
    _move(province_id, rules.merge(wanted))


def give_back_stock(province_id: int, returned: Iterable[tuple[int, int]]) -> None:
    """Give back (offer id, quantity) pairs that were taken before."""
    _move(province_id, {offer_id: -units for offer_id, units in rules.merge(returned).items()})


def exchange_stock(province_id: int, *, returned: Iterable[tuple[int, int]], wanted: Iterable[tuple[int, int]]) -> None:
    """Give back and take in one statement, so that two exchanges never wait for each other in a ring."""
    taken, given = rules.merge(wanted), rules.merge(returned)
    units = {offer: taken.get(offer, 0) - given.get(offer, 0) for offer in sorted(taken.keys() | given.keys())}
    _move(province_id, {offer: change for offer, change in units.items() if change})


def _move(province_id: int, units: Mapping[int, int]) -> None:
    if not units:
        return
    with transaction.atomic(savepoint=False):
        with connection.cursor() as cursor:
            cursor.execute(_MOVE, [province_id, list(units), list(units.values())])
            moved = {row[0] for row in cursor.fetchall()}
        if len(moved) < len(units):
            raise _refusal(province_id, {offer: change for offer, change in units.items() if offer not in moved})


def _refusal(province_id: int, refused: Mapping[int, int]) -> Exception:
    """What is left is read with the rows locked, so it is what the next try would find."""
    if any(change < 0 for change in refused.values()):
        return AssertionError(f"province {province_id}: more given back than was taken: {dict(refused)}")
    rows = Stock.objects.filter(province_id=province_id, offer_id__in=list(refused))
    left = {row.offer_id: row.capacity - row.taken for row in rows}
    offers = Offer.objects.filter(province_id=province_id, id__in=list(refused)).values_list("id", "sku_id")
    names = catalog.skus(sku_id for _, sku_id in offers)
    short = [(offer_id, left.get(offer_id, 0), names.get(sku_id)) for offer_id, sku_id in sorted(offers)]
    if not short:
        return SoldOut(offer="?", left=0, short=[])
    first, first_left, sku = short[0]
    return SoldOut(
        offer=ids.public_id("offer", province_id, first),
        left=first_left,
        name=sku.name_in("zh-hans") if sku else "?",
        name_en=sku.name_in("en") if sku else "?",
        short=[{"offer": ids.public_id("offer", province_id, offer), "left": units} for offer, units, _ in short],
    )
