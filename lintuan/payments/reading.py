"""Bills as the channels of this installation write them, and the days of them that were read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from .errors import GatewayNotSetUp, GatewaySaysNo, GatewaySilent
from .gateways import gateway, set_up
from .gateways.bills import Biller
from .gateways.faults import GatewayRefused, GatewayUnreachable
from .models import BillDay
from .types import BillDayView, FlowRow, Provider, TradeRow

Answer = TypeVar("Answer")


def trade_rows(day: date, provider: Provider = Provider.WECHATPAY) -> Iterator[TradeRow]:
    """The channel's bill of what was paid and paid back on a day of Beijing, one row at a time.

    NoBill when nothing was, BillNotReady until ten the next morning, GatewaySilent; a BrokenBill may show itself only
    after the last row, so do nothing for good before.
    """
    return _bill(provider, lambda biller: biller.trade_bill(day))


def flow_rows(day: date, provider: Provider = Provider.WECHATPAY) -> Iterator[FlowRow] | None:
    """The channel's bill of what moved on our account on a day of Beijing, None where it offers none; refused like
    `trade_rows`.
    """
    return _bill(provider, lambda biller: biller.flow_bill(day))


def billers() -> tuple[Provider, ...]:
    """The channels of this installation that write bills."""
    return tuple(provider for provider in sorted(set_up()) if isinstance(gateway(provider), Biller))


def bill_days(provider: Provider, days: Iterable[date] | None = None) -> Sequence[BillDayView]:
    """Days of a channel that were read, the oldest first."""
    rows = BillDay.objects.filter(provider=provider)
    if days is not None:
        rows = rows.filter(on_day__in=list(days))
    return [_view(row) for row in rows.order_by("on_day")]


def _view(row: BillDay) -> BillDayView:
    return BillDayView(
        provider=Provider(row.provider),
        on_day=row.on_day,
        rows=row.rows,
        is_whole=row.is_whole,
        read_at=row.read_at,
        covers_from=row.covers_from,
        covers_until=row.covers_until,
    )


def _bill(provider: Provider, ask: Callable[[Biller], Answer]) -> Answer:
    service = gateway(provider)
    if not isinstance(service, Biller):
        raise GatewayNotSetUp
    try:
        return ask(service)
    except GatewayUnreachable as silence:
        raise GatewaySilent from silence
    except GatewayRefused as refusal:
        raise GatewaySaysNo(reason=str(refusal)) from refusal
