"""One signed exchange with WeChat Pay: request signed, answer verified, hosts tried in their order."""

import random
import secrets
import time
from collections.abc import Callable
from typing import BinaryIO, TypeVar
from urllib.parse import urlsplit

import msgspec

from lintuan.payments.gateways import protocol, wire
from lintuan.payments.gateways.connections import Answer, Connections
from lintuan.payments.gateways.faults import GatewayBusy, GatewayRefused, GatewayUnreachable, Unauthentic
from lintuan.payments.gateways.merchants import Merchant

DONE = (200, 204)
#: The buyer is just entering a password, so nobody knows yet.
UNDECIDED = 202
TOO_OFTEN = 429
SERVER_ERROR = 500
#: Told with status 500, and yet the same request would be refused again.
FINAL = frozenset({"OPENID_MISMATCH", "INVALID_TRANSACTIONID"})
#: Before each round over the hosts, in seconds, shortened by chance so that those who failed together come apart.
PAUSES = (0.0, 0.3)

Read = TypeVar("Read")


class Exchange:
    """Signed requests for one merchant; may be shared by threads.

    Every call may be repeated with the same numbers, so a host that does not answer is followed by the second one,
    and all of them by a pause and another round, unless that took longer than one is willing to wait for an answer.
    ``real_time`` gives seconds since 1970 in the real world, never the business clock.
    """

    def __init__(
        self,
        merchant: Merchant,
        *,
        base_url: str,
        second_url: str | None = None,
        timeout: float = 5.0,
        real_time: Callable[[], float],
    ) -> None:
        self.merchant = merchant
        urls = [url.rstrip("/") for url in (base_url, second_url) if url]
        self._hosts = {url: Connections(url, timeout=timeout) for url in urls}
        self._timeout = timeout
        self.real_time = real_time

    def close_connections(self) -> None:
        for connections in self._hosts.values():
            connections.close()

    def ask(self, method: str, path: str, content: object = None, *, read: type[Read]) -> Read:
        """The answer as documented; GatewayRefused for a signed no, GatewayUnreachable where nothing can be trusted."""
        answer = self.send(method, path, content)
        try:
            return msgspec.json.decode(answer, type=read)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise GatewayUnreachable(f"An answer that we cannot read: {problem}") from None

    def send(self, method: str, path: str, content: object = None) -> bytes:
        """The bytes of a signed answer."""
        body = b"" if content is None else msgspec.json.encode(content)
        failures: list[str] = []
        began = time.monotonic()
        for pause in PAUSES:
            if time.monotonic() - began + pause > self._timeout:
                break
            time.sleep(pause * random.uniform(0.5, 1))
            for host in self._hosts:
                try:
                    return self._send_to(host, method=method, target=urlsplit(host).path + path, body=body)
                except GatewayBusy:
                    raise
                except GatewayUnreachable as failure:
                    failures.append(f"{host}: {failure}")
        raise GatewayUnreachable("; ".join(dict.fromkeys(failures)))

    def fetch(self, url: str, into: BinaryIO) -> None:
        """Write a file that a signed answer offered. Files come unsigned: only their hash in that answer decides."""
        parts = urlsplit(url)
        host = next((ours for ours in self._hosts if urlsplit(ours)[:2] == parts[:2]), None)
        if host is None:
            raise GatewayUnreachable(f"A file is offered at {parts.netloc}, which is no host of ours.")
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = self._signed("GET", target, b"")
        answer = self._hosts[host].ask("GET", target, headers=headers, body=b"", into=into)
        if not answer.is_success:
            raise GatewayUnreachable(f"A file did not come: {answer.status} {answer.text[:200]}")

    def _send_to(self, host: str, *, method: str, target: str, body: bytes) -> bytes:
        answer = self._hosts[host].ask(method, target, headers=self._signed(method, target, body), body=body)
        self._check_answer(answer)
        return answer.content

    def _signed(self, method: str, target: str, body: bytes) -> dict[str, str]:
        signature = protocol.authorization(
            self.merchant,
            method=method,
            target=target,
            timestamp=int(self.real_time()),
            nonce=secrets.token_hex(16),
            body=body,
        )
        return {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Wechatpay-Serial": self.merchant.platform_serial,
            "Authorization": signature,
        }

    def _check_answer(self, answer: Answer) -> None:
        try:
            protocol.verify(answer.headers, answer.content, key_ring=self.merchant.platform_keys, now=self.real_time())
        except Unauthentic as problem:
            text = f"{answer.status} {answer.text[:200]}"
            raise GatewayUnreachable(f"An answer that the gateway did not sign ({problem!r}): {text}") from problem
        if answer.status in DONE:
            return
        told = _problem(answer)
        if answer.status == TOO_OFTEN:
            raise GatewayBusy(f"{answer.status} {told.code}")
        if answer.status == UNDECIDED or (answer.status >= SERVER_ERROR and told.code not in FINAL):
            raise GatewayUnreachable(f"{answer.status} {told.code}")
        raise GatewayRefused(told.code, told.message)


def _problem(answer: Answer) -> wire.Problem:
    try:
        return msgspec.json.decode(answer.content, type=wire.Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return wire.Problem(code=str(answer.status))
