"""One signed exchange with Alipay: request signed, answer cut out, verified and read."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from lintuan.payments.gateways.alipay import codes, protocol, scanning, wire
from lintuan.payments.gateways.alipay.accounts import Account
from lintuan.payments.gateways.connections import Answer, Connections
from lintuan.payments.gateways.faults import GatewayUnreachable

FORM = "application/x-www-form-urlencoded;charset=utf-8"
OK = 200

Read = TypeVar("Read")


class Exchange:
    """Signed requests for one account; may be shared by threads.

    ``base_url`` is the whole address of the gateway (``https://openapi.alipay.com/gateway.do``); ``real_time`` gives
    seconds since 1970 in the real world, never the business clock.
    """

    def __init__(
        self, account: Account, *, base_url: str, timeout: float = 5.0, real_time: Callable[[], float]
    ) -> None:
        self.account = account
        self.real_time = real_time
        self.base_url = base_url
        self._timeout = timeout
        self._gateway = Connections(base_url, timeout=timeout)

    def close_connections(self) -> None:
        self._gateway.close()

    def ask(self, method: str, content: object, *, read: type[Read], **more: str) -> Read:
        """The answer as documented; GatewayRefused for a signed no, GatewayUnreachable where nothing can be trusted."""
        fields = protocol.request(self.account, method, content, moment=self.real_time(), **more)
        # The gateway reads the charset from the address, before it reads the form.
        target = f"{urlsplit(self.base_url).path}?charset=utf-8"
        answer = self._gateway.ask(
            "POST", target, headers={"Content-Type": FORM}, body=urlencode(fields, errors="strict").encode()
        )
        raw = self._signed_part(answer, method)
        told = _decode(raw, wire.Problem)
        if told.code != codes.SUCCESS:
            raise codes.fault(told.code, told.sub_code, told.sub_msg or told.msg)
        return _decode(raw, read)

    def address(self, method: str, content: object, **more: str) -> str:
        """A signed address for a browser; nothing is sent by us."""
        fields = protocol.request(self.account, method, content, moment=self.real_time(), **more)
        return f"{self.base_url}?{urlencode(fields)}"

    def download(self, address: str) -> bytes:
        """What an address holds that Alipay has told us of, in an answer it signed."""
        parts = urlsplit(address)
        host = Connections(f"{parts.scheme}://{parts.netloc}", timeout=self._timeout)
        try:
            answer = host.ask("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path, headers={}, body=b"")
        finally:
            host.close()
        if answer.status != OK:
            raise GatewayUnreachable(f"{answer.status} {answer.text[:200]}")
        return answer.content

    def _signed_part(self, answer: Answer, method: str) -> str:
        name = f"{method.replace('.', '_')}_response"
        if answer.status != OK:
            raise GatewayUnreachable(f"{answer.status} {answer.text[:200]}")
        try:
            parts = scanning.parts(answer.content.decode())
        except ValueError as problem:
            raise GatewayUnreachable(f"An answer that we cannot read: {problem}") from None
        told, sign = parts.get(name) or parts.get("error_response"), parts.get("sign")
        if told is None:
            raise GatewayUnreachable(f"An answer to something else: {answer.text[:200]}")
        signature = sign.value if sign is not None and isinstance(sign.value, str) else ""
        if not protocol.is_signed(self.account.alipay_public_key, signature, told.raw.encode()):
            raise GatewayUnreachable(f"An answer that Alipay did not sign: {told.raw[:200]}")
        return told.raw


def _decode(raw: str, kind: type[Read]) -> Read:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise GatewayUnreachable(f"An answer that we cannot read: {problem}") from None
