"""WeChat Pay's callbacks: those that come at once are taken in one transaction, and answered when it is through."""

from __future__ import annotations

import logging

from lintuan.kernel.errors import Refusal
from lintuan.payments.commands import Letter, hear_notices

from .body import body_of
from .gathered import Gathered
from .http import Receive, Scope, Send, answer, answered, headers_of, language_of, refuse

log = logging.getLogger(__name__)

ADDRESS = ("POST", "/api/v1/payments/wechatpay/notify")


class Notices:
    """The face of one process."""

    def __init__(self) -> None:
        self._letters: Gathered[Letter, None] = Gathered("notices", hear_notices)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """204 says that we have it, anything else that it must come again."""
        await answered(self._answer, scope, receive, send)

    def close(self) -> None:
        self._letters.close()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        language = language_of(scope)
        try:
            body = await body_of(scope, receive)
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers_of(scope).items()}
            await self._letters.ask(Letter(headers, body))
        except Refusal as refusal:
            log.warning("a callback was refused: %s", refusal)
            await refuse(send, refusal, language, code="FAIL", message=refusal.message(language))
        else:
            await answer(send, 204, [], b"")
