"""POST /api/v1/quotes by a price list kept at hand: a quote reserves nothing, so it may be as old as the shelf.

Only what a signed-in neighbour saves is read anew, as it hangs on what is theirs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lintuan.api.shelf import QuoteWish, quote_json, saves_at, wanted_of
from lintuan.kernel import changes, clock
from lintuan.kernel.callers import NOBODY, Caller
from lintuan.kernel.changes import Change
from lintuan.kernel.errors import Refusal, Unavailable
from lintuan.kernel.ids import read_public_id
from lintuan.leaders.queries import require_open as require_open_point
from lintuan.leaders.types import PointView
from lintuan.ordering.queries import with_savings
from lintuan.pricing.engine.quotes import Quote
from lintuan.pricing.queries import PriceList, price_list, quote_by
from lintuan.provinces.queries import coming_day, province_now, require_open
from lintuan.provinces.types import ProvinceView

from .body import body_of, read_as, require_json
from .callers import AUTHORIZATION, caller_of
from .gathered import Gathered
from .http import JSON, Receive, Scope, Send, answer, answered, header, language_of
from .kept import Kept
from .shelf import OFFERS_AGES

ADDRESS = ("POST", "/api/v1/quotes")

Points = Callable[[int, int], Awaitable[PointView]]


@dataclass(frozen=True, slots=True)
class _Tonight:
    """A province, and what it sells until `cutoff`."""

    province: ProvinceView
    prices: PriceList
    cutoff: datetime


@dataclass(frozen=True, slots=True)
class _Ask:
    """Who was quoted what where."""

    caller: Caller
    point_id: int
    quote: Quote


class Quotes:
    """The face of one process; `point` looks up pickup points."""

    def __init__(self, point: Points) -> None:
        self._point = point
        self._tonight = Kept(_read_tonight, ages=OFFERS_AGES)
        self._savings: Gathered[_Ask, Quote] = Gathered("savings", _saved)
        self._end_hearing = changes.on_change(self._hear)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What a basket costs now, or a problem document."""
        await answered(self._answer, scope, receive, send)

    def close(self) -> None:
        self._end_hearing()
        self._tonight.close()
        self._savings.close()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        language = language_of(scope)
        caller = caller_of(scope, clock.now()) if header(scope, AUTHORIZATION) else NOBODY
        require_json(scope)
        wish = read_as(QuoteWish, await body_of(scope, receive))
        province_id, point_id = read_public_id("point", wish.point)
        require_open_point(await self._point(province_id, point_id))
        tonight = await self._of(province_id, clock.now())
        require_open(tonight.province)
        made = quote_by(tonight.prices, wanted_of(wish, province_id))
        if saves_at(caller, province_id):
            made = await self._savings.ask(_Ask(caller, point_id, made))
        quote = quote_json(made, province_id, tonight.prices.sale_on, language)
        await answer(send, 200, JSON, quote.model_dump_json().encode())

    async def _of(self, province_id: int, now: datetime) -> _Tonight:
        tonight = self._tonight.at_hand(province_id)
        # What is read when a day ends may still be of that day, but not what is read after it.
        tries = 2
        while tonight is None or tonight.cutoff <= now:
            if not tries:
                raise Unavailable
            tonight = await self._tonight.fetch(province_id)
            tries -= 1
        return tonight

    def _hear(self, change: Change) -> None:
        if change.room != "leaders":
            self._tonight.renew(lambda province_id: change.province_id in (0, province_id))


def _saved(asks: Sequence[_Ask]) -> list[Quote | Refusal]:
    return [with_savings(ask.caller, ask.point_id, ask.quote) for ask in asks]


def _read_tonight(province_id: int, known: _Tonight | None) -> _Tonight:
    province = province_now(province_id)
    sale_on = coming_day(province, clock.now())
    same_day = known.prices if known is not None and known.prices.sale_on == sale_on else None
    cutoff = province.timetable.at("cutoff", sale_on, province.zone)
    return _Tonight(province, price_list(province_id, sale_on, same_day), cutoff)
