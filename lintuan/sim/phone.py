"""A phone: one person's way to the site and to the outside world, with the patience real apps have."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

TRIES = 5
SOON = 0.2
LONGEST_WAIT = 60.0


class Refused(Exception):
    """The site said no: a problem document."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('title')} {problem.get('facts')}")
        self.status = status
        self.code = str(problem.get("code", ""))
        self.facts = problem.get("facts", {})


@dataclass(slots=True, repr=False)
class Network:
    """The connections of the whole city, and what passed over them.

    `told_to_wait` counts answers of a busy site that asked to come again and were; `answers` are what they led to.
    """

    site: str
    stand_ins: str
    session: aiohttp.ClientSession
    latencies: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    told_to_wait: int = 0

    async def ask(self, method: str, url: str, *, headers: Mapping[str, str], body: Any = None) -> tuple[int, Any]:
        """Status and JSON of one request; a line that breaks or a site that is busy is tried again."""
        for attempt in range(TRIES):
            began = time.perf_counter()
            try:
                async with self.session.request(method, url, headers=headers, json=body) as answer:
                    content = await answer.json(content_type=None) if answer.status != 204 else None
                    self.latencies.append(time.perf_counter() - began)
                    if answer.status != 503 or attempt == TRIES - 1:
                        self.answers[answer.status] += 1
                        return answer.status, content
                    self.told_to_wait += 1
            except (aiohttp.ClientConnectionError, TimeoutError):
                if attempt == TRIES - 1:
                    raise
            await asyncio.sleep(SOON * 2**attempt)
        raise AssertionError("unreachable")


@dataclass(slots=True)
class Phone:
    """Signed in or not; every change carries an idempotency key, so a retry cannot do it twice."""

    network: Network
    number: str = ""
    token: str = ""
    refresh: str = ""

    async def get(self, path: str) -> Any:
        return await self._ask("GET", path)

    async def post(self, path: str, body: Any = None) -> Any:
        return await self._ask("POST", path, body)

    async def put(self, path: str, body: Any = None) -> Any:
        return await self._ask("PUT", path, body)

    async def sign_in(self, role: str, province_id: int, name: str = "") -> None:
        """Ask for a code, read it on this phone's screen, and send it back."""
        await self.post("/sign-in/codes", {"phone": self.number})
        code = await self._read_code()
        body = {"phone": self.number, "code": code, "role": role, "province_id": province_id}
        answer = await self.post("/sign-in", body | ({"name": name} if name else {}))
        self.token, self.refresh = answer["access"], answer["refresh"]

    async def _read_code(self) -> str:
        screen = await self._outside("GET", f"{self.network.stand_ins}/messages/{self.number}/latest")
        return str(screen["parameters"]["code"])

    async def pay(self, parameters: Mapping[str, Any]) -> None:
        """Put the thumb on the payment app's button."""
        await self._outside("POST", f"{self.network.stand_ins}/wechatpay/phone/pay", dict(parameters))

    async def _outside(self, method: str, url: str, body: Any = None) -> Any:
        status, content = await self.network.ask(method, url, headers={}, body=body)
        if status >= 400:
            raise Refused(status, content or {})
        return content

    async def _go_on(self) -> None:
        """The access token has aged: exchange the refresh token, which is good for one use."""
        refresh, self.token, self.refresh = self.refresh, "", ""
        answer = await self._ask("POST", "/sign-in/refresh", {"refresh": refresh})
        self.token, self.refresh = answer["access"], answer["refresh"]

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Accept-Language": "en"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if method != "GET":
            headers["Idempotency-Key"] = secrets.token_hex(12)
        url = f"{self.network.site}/api/v1{path}"
        status, content = await self.network.ask(method, url, headers=headers, body=body)
        if status == 401 and self.refresh:
            await self._go_on()
            return await self._ask(method, path, body)
        if status == 429:
            await asyncio.sleep(min(float(content["facts"]["seconds"]), LONGEST_WAIT))
            return await self._ask(method, path, body)
        if status >= 400:
            refusal = Refused(status, content or {})
            self.network.refusals[refusal.code] += 1
            raise refusal
        return content
