"""Neighbours with phones: they order and pay all at once, and ask again with the same key until they know."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from lintuan.sim import phone as simulated
from tests.journeys.phones import fresh_numbers
from tests.journeys.province import PROVINCE

from .notes import NO_ANSWER, Answer, Notes, Wish
from .site import Site

#: Longer than anything that is answered may take, so that a missing answer shows.
PATIENCE = 12.0
#: A wish that is not settled by then never will be.
SETTLED_WITHIN = 90.0
SIGN_IN_AT_ONCE = 8
SCARCE = "J-FISH"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What there is to order: offers as the shelf shows them, and the point where to collect."""

    point: str
    offers: Sequence[Mapping[str, Any]]

    def basket(self, draw: random.Random) -> bytes:
        """One to three goods; every tenth basket holds the scarce one that all want."""
        common = [offer for offer in self.offers if offer["sku_code"] != SCARCE]
        chosen = draw.sample(common, draw.randint(1, 3))
        if draw.random() < 0.1:
            chosen[0] = next(offer for offer in self.offers if offer["sku_code"] == SCARCE)
        lines = [
            {"offer": offer["id"], "quantity": draw.randint(1, 2), "price_fen": offer["price_fen"]} for offer in chosen
        ]
        return json.dumps({"point": self.point, "lines": lines}).encode()


@dataclass(slots=True)
class Crowd:
    """Signed-in neighbours; whatever they are answered goes into their notes."""

    site: Site
    session: aiohttp.ClientSession
    shelf: Shelf
    notes: Notes = field(default_factory=Notes)
    draw: random.Random = field(default_factory=lambda: random.Random(1))
    #: First of those who signed in with the phone of that place in `numbers`, then of all others who were brought.
    tokens: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    others: list[int] = field(default_factory=list)

    @property
    def everybody(self) -> range:
        """The places of those who signed in."""
        return range(len(self.numbers))

    async def sign_in(self, people: int) -> None:
        """Everybody anew: an evening later the old tokens are too old."""
        while len(self.numbers) < people:
            self.numbers.append(next(fresh_numbers))
        network = simulated.Network(self.site.network.site, self.site.network.stand_ins, self.session)
        gate = asyncio.Semaphore(SIGN_IN_AT_ONCE)

        async def one(number: str) -> str:
            async with gate:
                phone = simulated.Phone(network, number)
                await phone.sign_in("member", PROVINCE)
                return phone.token

        self.tokens = list(await asyncio.gather(*map(one, self.numbers)))

    def new_wish(self, member: int) -> Wish:
        return Wish(member, secrets.token_hex(12), self.shelf.basket(self.draw))

    def wish(self, member: int) -> Wish:
        """One that is noted from the beginning."""
        return self.notes.add(self.new_wish(member))

    def headers(self, member: int, key: str) -> dict[str, str]:
        who = {"Authorization": f"Bearer {self.tokens[member]}", "Accept-Language": "en"}
        return {**who, "Idempotency-Key": key} if key else who

    async def ask(self, wish: Wish) -> Answer:
        """Send the wish once and note what comes back."""
        answer = await self.request("POST", "/orders", member=wish.member, key=wish.key, body=wish.body)
        self.notes.note(wish, answer)
        return answer

    async def settle(self, wish: Wish) -> Wish:
        """Ask with growing pauses, as phones do, until it is known whether there is an order."""
        deadline = time.monotonic() + SETTLED_WITHIN
        pause = 0.05
        while not (await self.ask(wish)).is_final:
            assert time.monotonic() < deadline, f"never answered: {wish}"
            await asyncio.sleep(pause * self.draw.uniform(0.5, 1.5))
            pause = min(2 * pause, 1.0)
        return wish

    async def settle_all(self, at_once: int = 40) -> None:
        """Whoever has no answer yet asks again."""
        gate = asyncio.Semaphore(at_once)

        async def one(wish: Wish) -> None:
            async with gate:
                await self.settle(wish)

        await asyncio.gather(*map(one, self.notes.unsettled()))

    @asynccontextmanager
    async def shopping(self) -> AsyncIterator[None]:
        """Everybody orders one thing after another meanwhile; in the end nobody is left without an answer."""
        is_over = asyncio.Event()
        shoppers = [asyncio.create_task(self._shop(member, is_over)) for member in self.everybody]
        try:
            yield
            is_over.set()
            await asyncio.gather(*shoppers)
        finally:
            for shopper in shoppers:
                shopper.cancel()
            await asyncio.gather(*shoppers, return_exceptions=True)

    async def _shop(self, member: int, is_over: asyncio.Event) -> None:
        while not is_over.is_set():
            wish = await self.settle(self.wish(member))
            if wish.orders and self.draw.random() < 0.34:
                await self.pay(wish)

    async def pay(self, wish: Wish) -> None:
        """Open the payment sheet and press the button; a site that is busy is asked again."""
        deadline = time.monotonic() + SETTLED_WITHIN
        path = f"/orders/{wish.order['id']}/pay"
        while (sheet := await self.request("POST", path, member=wish.member, key=f"pay-{wish.key}")).status != 200:
            if 400 <= sheet.status < 500:
                return
            assert time.monotonic() < deadline, f"cannot be paid: {wish}, last answer {sheet.status}"
            await asyncio.sleep(0.2)
        address = f"{self.site.network.stand_ins}/wechatpay/phone/pay"
        async with self.session.post(address, json=sheet.document["parameters"]) as pressed:
            wish.is_paid = pressed.status < 300

    async def request(self, method: str, path: str, *, member: int, key: str = "", body: bytes | None = None) -> Answer:
        """One request of a member, tried once."""
        headers = self.headers(member, key)
        if body is not None:
            headers["Content-Type"] = "application/json"
        began = time.perf_counter()
        try:
            async with self.session.request(
                method, f"{self.site.network.site}/api/v1{path}", headers=headers, data=body
            ) as came:
                content, found = await came.read(), came.headers
            status, media_type = came.status, found.get("Content-Type", "").partition(";")[0]
            retry_after = found.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError):
            status, media_type, content, retry_after = NO_ANSWER, "", b"", ""
        return Answer(status, media_type, content, retry_after, time.perf_counter() - began)


@asynccontextmanager
async def lines_to(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    """As many connections as are asked for."""
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:
        yield session
