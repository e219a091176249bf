"""Placing one order: a batch of one, in the transaction of whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

from django.db import DatabaseError, connection

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Forbidden, Refusal, Unavailable
from lintuan.ordering.days import Desk
from lintuan.ordering.intake.batch import Steps, Stores, take_in
from lintuan.ordering.intake.book import book_for
from lintuan.ordering.intake.statements import STALE, Row, Step
from lintuan.ordering.intake.wishes import BookOutdated, Outcome, PlacedBefore, TryAgain, Wish
from lintuan.ordering.types import OrderRequest

from .baskets import cover, hold_basket
from .playing import play_along

TRIES = 5

_own = threading.local()


def place_order(caller: Caller, *, province_id: int, request: OrderRequest, key: str | None = None) -> int:
    """Order tonight's goods for a pickup point: the stock is held and a charge is open until `pay_by`.

    The order itself remembers the key, so there is no other record of the run.
    """
    require_shopper(caller, province_id)
    wish = Wish.of(caller, request, key)
    for _ in range(TRIES):
        try:
            outcome = _place(caller, province_id=province_id, wish=wish)
        except DatabaseError as wrong:
            if getattr(wrong.__cause__, "sqlstate", None) != STALE:
                raise
            continue
        if not isinstance(outcome, TryAgain):
            return outcome
    raise Unavailable


def require_shopper(caller: Caller, province_id: int) -> None:
    """Only members order, each in their own province."""
    caller.require_kind(Kind.MEMBER)
    if caller.province_id != province_id:
        raise Forbidden


@command
def _place(caller: Caller, *, province_id: int, wish: Wish) -> int | TryAgain:
    now, request = clock.now(), wish.request
    book = book_for(
        province_id,
        now,
        member_id=caller.id,
        point_id=request.point_id,
        offer_ids=[line.offer_id for line in request.lines],
    )
    if request.basket_id:
        book = replace(book, basket=hold_basket(Desk(book.province, now, book.sale_on), request.basket_id))
    try:
        (outcome,) = carry_out(take_in(book, [wish], now, _stores()))
    except BookOutdated:
        return TryAgain()
    if isinstance(outcome, Refusal):
        raise outcome
    if isinstance(outcome, PlacedBefore):
        return outcome.order_id
    if isinstance(outcome, TryAgain):
        return outcome
    if book.basket is not None:
        cover(caller, request, book.basket, order_id=outcome.id)
    play_along(province_id, outcome, request)
    return outcome.id


def _stores() -> Stores:
    """The ids of this thread: two threads must not take from the same block between two statements."""
    if not hasattr(_own, "stores"):
        _own.stores = Stores.fresh()
    stores: Stores = _own.stores
    return stores


def carry_out(steps: Steps) -> Sequence[Outcome]:
    """Run a batch's statements over Django's connection."""
    try:
        step = next(steps)
        while True:
            step = steps.send(_rows(step))
    except StopIteration as ended:
        outcomes: Sequence[Outcome] = ended.value
        return outcomes


def _rows(step: Step) -> Sequence[Row]:
    with connection.cursor() as cursor:
        cursor.execute(*step.for_psycopg())
        rows: Sequence[Row] = cursor.fetchall()
        return rows
