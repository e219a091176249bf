"""What ordering does by the clock."""

from __future__ import annotations

from datetime import date, timedelta

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.duties import chore, duty
from lintuan.provinces.queries import provinces

from . import commands


@duty("ordering.close_day", step="cutoff")
def close(province_id: int, sale_on: date) -> str:
    orders = commands.close_day(SYSTEM, province_id=province_id, sale_on=sale_on)
    return f"{orders} orders to buy for"


@duty("ordering.close_baskets", step="cutoff", rank=1)
def close_baskets(province_id: int, sale_on: date) -> str:
    baskets = commands.close_baskets(SYSTEM, province_id=province_id, sale_on=sale_on)
    return f"{baskets} baskets closed"


@duty("ordering.lapse_relays", step="cutoff", rank=1)
def lapse_relays(province_id: int, sale_on: date) -> str:
    drafts = commands.lapse_relays(SYSTEM, province_id=province_id, sale_on=sale_on)
    return f"{drafts} drafts lapsed"


@chore("ordering.drop_baskets", every=timedelta(hours=6))
def drop_baskets() -> int:
    return sum(commands.drop_baskets(SYSTEM, province_id=view.id) for view in provinces())


@chore("ordering.drop_relays", every=timedelta(hours=6))
def drop_relays() -> int:
    return sum(commands.drop_relays(SYSTEM, province_id=view.id) for view in provinces())


@chore("ordering.tell_missing", every=timedelta(hours=1))
def tell_missing() -> int:
    return sum(commands.tell_missing(SYSTEM, province_id=view.id) for view in provinces())


@chore("ordering.expire_unpaid", every=timedelta(seconds=60))
def expire_unpaid() -> int:
    return sum(commands.expire_orders(SYSTEM, province_id=view.id) for view in provinces())
