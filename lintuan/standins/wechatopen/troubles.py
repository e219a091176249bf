"""What may go wrong with an answer."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from lintuan.standins.web import read_body

Endpoint = Callable[[Request], Awaitable[Response]]


class Trouble(StrEnum):
    """LOST does what was asked and answers nothing, NEVER does nothing at all; LATE answers after a second."""

    NONE = "none"
    TOO_OFTEN = "429"
    BROKEN = "500"
    AWAY = "503"
    LATE = "late"
    LOST = "lost"
    NEVER = "never"


LATE_BY = 1.0


class _Asked(msgspec.Struct):
    troubles: Annotated[list[Trouble], msgspec.Meta(max_length=10_000)]


class Troubles:
    """Troubles that wait for the answers to come, used up in order."""

    def __init__(self, refuse: Callable[[int], Response]) -> None:
        self._refuse = refuse
        self._waiting: deque[Trouble] = deque()

    def around(self, endpoint: Endpoint) -> Endpoint:
        async def troubled(request: Request) -> Response:
            trouble = self._waiting.popleft() if self._waiting else Trouble.NONE
            if trouble.value.isdigit():
                return self._refuse(int(trouble))
            if trouble is Trouble.NEVER:
                return await _silence(request)
            if trouble is Trouble.LATE:
                await asyncio.sleep(LATE_BY)
            answer = await endpoint(request)
            return await _silence(request) if trouble is Trouble.LOST else answer

        return troubled

    async def set(self, request: Request) -> Response:
        """Take ``{"troubles": ["429", "lost"]}`` for the answers to come."""
        try:
            self._waiting = deque(msgspec.json.decode(await read_body(request), type=_Asked).troubles)
        except msgspec.DecodeError as problem:
            return Response(str(problem), status_code=400)
        return Response(status_code=204)


async def _silence(request: Request) -> Response:
    """Hold the line until the caller gives up."""
    while not await request.is_disconnected():
        await asyncio.sleep(0.05)
    return Response(status_code=499)
