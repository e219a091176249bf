"""The gateways' callbacks: those that come at once are taken in one transaction, and answered when it is through."""

from __future__ import annotations

import logging
from functools import partial

from lintuan.api.payments import HEARD
from lintuan.kernel.errors import Refusal
from lintuan.payments.commands import Letter, hear_notices
from lintuan.payments.types import Provider

from .body import body_of
from .gathered import Gathered
from .http import Receive, Scope, Send, answer, answered, headers_of, language_of, refuse

log = logging.getLogger(__name__)

ADDRESSES = {("POST", provider.notify_path): provider for provider in Provider}


class Notices:
    """The face of one process."""

    def __init__(self) -> None:
        self._letters: dict[Provider, Gathered[Letter, None]] = {
            provider: Gathered(f"{provider}-notices", partial(hear_notices, provider=provider)) for provider in Provider
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What each gateway waits for says that we have it, anything else that it must come again."""
        await answered(self._answer, scope, receive, send)

    def close(self) -> None:
        for letters in self._letters.values():
            letters.close()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        language, provider = language_of(scope), ADDRESSES[scope["method"], scope["path"]]
        try:
            body = await body_of(scope, receive)
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers_of(scope).items()}
            await self._letters[provider].ask(Letter(headers, body))
        except Refusal as refusal:
            log.warning("a callback was refused: %s", refusal)
            await refuse(send, refusal, language, code="FAIL", message=refusal.message(language))
        else:
            status, told = HEARD[provider]
            await answer(send, status, [(b"content-type", b"text/plain")] if told else [], told)
