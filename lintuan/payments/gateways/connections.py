"""HTTP over connections that are kept open; httpx takes twice the processor time of an exchange."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import BinaryIO, NamedTuple
from urllib.parse import urlsplit

from httpx import create_ssl_context

from lintuan.payments.gateways.faults import GatewayUnreachable

#: WeChat Pay refuses requests without a name.
USER_AGENT = "lintuan"
CHUNK = 2**18
#: Of an answer that should have been a file and is not.
MOST_OF_A_REFUSAL = 2**16


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """For logs, whatever the bytes are."""
        return self.content.decode(errors="replace")


class Request(NamedTuple):
    method: str
    target: str
    body: bytes
    headers: dict[str, str]
    into: BinaryIO | None


class Connections:
    """To one host; shared by threads, each of which holds a connection for the time of one exchange."""

    def __init__(self, address: str, *, timeout: float) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{address} is no address of a gateway.")
        self._is_secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._timeout = timeout
        self._idle: list[HTTPConnection] = []
        self._trust = create_ssl_context(trust_env=False) if self._is_secure else None

    def close(self) -> None:
        """Close those that nobody holds."""
        while (kept := self._kept()) is not None:
            kept.close()

    def ask(
        self, method: str, target: str, *, headers: Mapping[str, str], body: bytes, into: BinaryIO | None = None
    ) -> Answer:
        """One exchange, begun again where the other side had ended a kept connection: call it with what may repeat.

        ``into`` takes the content of a success, of any length, in place of the answer.
        """
        request = Request(method, target, body, {"User-Agent": USER_AGENT, **headers}, into)
        try:
            while (kept := self._kept()) is not None:
                with suppress(ConnectionError):
                    return self._exchange(kept, request)
            return self._exchange(self._connection(), request)
        except (OSError, HTTPException) as problem:
            raise GatewayUnreachable(str(problem) or type(problem).__name__) from problem

    def _exchange(self, connection: HTTPConnection, request: Request) -> Answer:
        is_whole = False
        try:
            connection.request(request.method, request.target, request.body, request.headers)
            response = connection.getresponse()
            content = response.read() if request.into is None else _written(response, request.into)
            is_whole = response.isclosed() and not response.will_close
            return Answer(response.status, dict(response.headers.items()), content)
        finally:
            if is_whole:
                self._idle.append(connection)
            else:
                connection.close()

    def _kept(self) -> HTTPConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _connection(self) -> HTTPConnection:
        if self._is_secure:
            return HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._trust)
        return HTTPConnection(self._host, self._port, timeout=self._timeout)


def _written(response: HTTPResponse, file: BinaryIO) -> bytes:
    if not 200 <= response.status < 300:
        return response.read(MOST_OF_A_REFUSAL)
    file.seek(0)
    file.truncate()
    while chunk := response.read(CHUNK):
        file.write(chunk)
    if response.length:
        raise IncompleteRead(b"", response.length)
    return b""
