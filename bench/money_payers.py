"""Neighbours who pay in every way, change their minds and walk away: a load on a site whose payment services fail."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from enum import StrEnum
from time import perf_counter
from urllib.parse import urlsplit

import msgspec

from .purchase import Crowd, Failed, Phone, Plan, _Purchase, _Sheet
from .wire import request

#: How long a phone looks whether its order is paid; who hears nothing goes on without it.
LOOKS_FOR = 4.0
_TRADE = re.compile(rb'name="tradeNO" value="([^"]+)"')

WECHAT = ("wechat_jsapi", "wechat_h5", "wechat_native")
ALIPAY = ("alipay_mini", "alipay_wap", "alipay_qr")


class Habit(StrEnum):
    """What a neighbour does with an order."""

    PAYS = "pays"
    PAYS_TWICE = "pays twice, by two methods"
    CANCELS_WHILE_PAYING = "cancels while paying"
    PAYS_AFTER_CANCELLING = "pays after cancelling"
    CANCELS_AFTERWARDS = "cancels when it is paid"
    WALKS_AWAY = "begins to pay and walks away"


#: Of a hundred neighbours. An assumption, far from what is usual: the rare is what faults hit.
HABITS = {
    Habit.PAYS: 60,
    Habit.PAYS_TWICE: 10,
    Habit.CANCELS_WHILE_PAYING: 8,
    Habit.PAYS_AFTER_CANCELLING: 5,
    Habit.CANCELS_AFTERWARDS: 12,
    Habit.WALKS_AWAY: 5,
}
#: Of a hundred payments so many by Alipay.
BY_ALIPAY = 30


class Payer(_Purchase):
    """One order, and all that a neighbour may do to pay it."""

    async def begin(self, method: str) -> Mapping[str, str]:
        path = f"/api/v1/charges/{self._order.charge}/payment"
        return msgspec.json.decode(await self._post(path, {"method": method}, 200), type=_Sheet).parameters

    async def press(self, method: str, sheet: Mapping[str, str]) -> None:
        """Put the thumb on the button, wherever the method shows it."""
        content, service = dict(sheet), "wechatpay"
        if method == "wechat_h5":
            content = {"h5_url": sheet["url"]}
        elif method == "wechat_native":
            content = {"code_url": sheet["code"]}
        elif method in ALIPAY:
            service = "alipay"
            if method != "alipay_mini":
                content = {"tradeNO": await self._opened(sheet.get("url") or sheet["code"])}
        await self._ask("POST", f"/{service}/phone/pay", msgspec.json.encode(content))

    async def cancel(self) -> None:
        self._key += "c"
        await self._post(f"/api/v1/orders/{self._order.id}/cancel", {}, 200)

    def on_another_phone(self, phone: Phone) -> Payer:
        """The same order in other hands: one phone asks for one thing at a time."""
        other = copy(self)
        other._phone = phone
        return other

    async def look_until_paid(self) -> None:
        try:
            await self.await_confirmation(LOOKS_FOR)
        except Failed as nothing:
            if "not confirmed" not in str(nothing):
                raise

    async def _opened(self, address: str) -> str:
        """The number of the trade whose page is at an address."""
        parts = urlsplit(address)
        page = await self._ask("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path, b"")
        found = _TRADE.search(page)
        if found is None:
            raise Failed("a page without a trade")
        return found[1].decode()

    async def _ask(self, way: str, path: str, body: bytes) -> bytes:
        headers = {"Host": self._plan.stand_ins, "Content-Type": "application/json"}
        _, _, answer = await self._phone.ask(self._plan.stand_ins, request(way, path, headers, body), 200)
        return answer


class Payers(Crowd):
    """Neighbours who come one after another, so many at once, until so many have ordered."""

    def __init__(self, plan: Plan, *, purchases: int, at_once: int) -> None:
        super().__init__(plan, seconds=0, rate=0, wait=LOOKS_FOR)
        self.habits, self.methods = Counter[str](), Counter[str]()
        self._purchases, self._at_once = purchases, at_once

    async def pay(self) -> float:
        """Seconds that it took."""
        began = perf_counter()
        await asyncio.gather(*(self._come(Phone(self)) for _ in range(self._at_once)))
        return perf_counter() - began

    async def _come(self, phone: Phone) -> None:
        while self.counts.confirmed < self._purchases and self.counts.begun < 2 * self._purchases:
            await self._one(phone)

    async def _one(self, phone: Phone) -> None:
        plan, turn = self.plan, self.counts.begun
        self.counts.begun += 1
        payer = Payer(phone, plan.tokens[turn % len(plan.tokens)], f"{plan.series}{turn:016x}", self._point())
        wishes = [(offer, self.draw.randint(1, plan.most_quantity)) for offer in self.draw.sample(plan.offers, 2)]
        habit = self.draw.choices(list(HABITS), weights=list(HABITS.values()))[0]
        step = "order"
        try:
            await payer.ask_the_price(wishes)
            await payer.order(wishes)
            self.counts.confirmed += 1
            self.habits[habit] += 1
            step = habit
            await _WAYS[habit](self, payer)
        except (Failed, OSError, TimeoutError, msgspec.MsgspecError) as fault:
            self.counts.failures[f"{step}: {fault or type(fault).__name__}"] += 1

    def _point(self) -> str:
        return self.draw.choice(self.plan.points)

    def method(self, other_than: str = "") -> str:
        known = ALIPAY if self.draw.randrange(100) < BY_ALIPAY else WECHAT
        chosen = self.draw.choice([method for method in known if method != other_than])
        self.methods[chosen] += 1
        return chosen


async def _pays(crowd: Payers, payer: Payer) -> None:
    method = crowd.method()
    await payer.press(method, await payer.begin(method))


async def _pays_twice(crowd: Payers, payer: Payer) -> None:
    first = crowd.method()
    second = crowd.method(other_than=first)
    sheets = [await payer.begin(method) for method in (first, second)]
    await payer.press(first, sheets[0])
    await payer.press(second, sheets[1])


async def _cancels_while_paying(crowd: Payers, payer: Payer) -> None:
    method = crowd.method()
    sheet = await payer.begin(method)
    other = payer.on_another_phone(Phone(crowd))
    await asyncio.gather(payer.press(method, sheet), other.cancel())


async def _pays_after_cancelling(crowd: Payers, payer: Payer) -> None:
    method = crowd.method()
    sheet = await payer.begin(method)
    await payer.cancel()
    await payer.press(method, sheet)


async def _cancels_afterwards(crowd: Payers, payer: Payer) -> None:
    await _pays(crowd, payer)
    await payer.look_until_paid()
    await payer.cancel()


async def _walks_away(crowd: Payers, payer: Payer) -> None:
    await payer.begin(crowd.method())


_WAYS: Mapping[Habit, Callable[[Payers, Payer], Awaitable[None]]] = {
    Habit.PAYS: _pays,
    Habit.PAYS_TWICE: _pays_twice,
    Habit.CANCELS_WHILE_PAYING: _cancels_while_paying,
    Habit.PAYS_AFTER_CANCELLING: _pays_after_cancelling,
    Habit.CANCELS_AFTERWARDS: _cancels_afterwards,
    Habit.WALKS_AWAY: _walks_away,
}
