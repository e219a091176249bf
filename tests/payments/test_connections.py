"""Connections to the gateway on real sockets: kept, found closed, and what the other side can do wrong."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from collections.abc import Iterator, Sequence

import pytest

from lintuan.payments.gateways.connections import Connections
from lintuan.payments.gateways.faults import GatewayUnreachable

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Sort: fine\r\n\r\nok"


class Server:
    """Accepts connections one after another; each answers its requests with the bytes given for it and is closed."""

    def __init__(self, *answers: Sequence[bytes]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._answers = answers
        self.requests: list[bytes] = []
        self.is_closed = [threading.Event() for _ in answers]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/pay"

    def _serve(self) -> None:
        for answers, closed in zip(self._answers, self.is_closed, strict=True):
            connection, _ = self._listener.accept()
            with connection:
                for answer in answers:
                    request = part = connection.recv(65_536)
                    while part and not request.endswith(b"{}"):
                        request += (part := connection.recv(65_536))
                    self.requests.append(request)
                    connection.sendall(answer)
            closed.set()

    def close(self) -> None:
        self._listener.close()
        self._thread.join(5)


@contextlib.contextmanager
def serving(*answers: Sequence[bytes]) -> Iterator[tuple[Server, Connections]]:
    server = Server(*answers)
    connections = Connections(server.address, timeout=0.5)
    try:
        yield server, connections
    finally:
        connections.close()
        server.close()


def ask(connections: Connections) -> tuple[int, bytes]:
    answer = connections.ask("POST", "/pay/x?a=1", headers={"Accept": "application/json"}, body=b"{}")
    return answer.status, answer.content


def test_a_connection_is_kept_for_the_next_exchange() -> None:
    with serving([ANSWER, ANSWER]) as (server, connections):
        assert [ask(connections), ask(connections)] == [(200, b"ok")] * 2

    assert all(each.startswith(b"POST /pay/x?a=1 HTTP/1.1\r\n") for each in server.requests)
    assert all(b"User-Agent: lintuan" in each for each in server.requests)


def test_one_that_the_other_side_closed_meanwhile_is_replaced() -> None:
    with serving([ANSWER], [ANSWER]) as (server, connections):
        first = ask(connections)
        assert server.is_closed[0].wait(5)

        assert (first, ask(connections)) == ((200, b"ok"), (200, b"ok"))


def test_one_that_is_to_be_closed_is_not_kept() -> None:
    closing = ANSWER.replace(b"X-Sort: fine", b"Connection: close")
    with serving([closing], [ANSWER]) as (_, connections):
        first = ask(connections)

        assert not connections._idle
        assert (first, ask(connections)) == ((200, b"ok"), (200, b"ok"))


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"],
    ids=["none", "no HTTP", "cut short"],
)
def test_what_is_no_whole_answer_is_silence(answer: bytes) -> None:
    with serving([answer]) as (_, connections), pytest.raises(GatewayUnreachable):
        ask(connections)


FILE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def fetch(connections: Connections, file: io.BytesIO) -> tuple[int, bytes]:
    answer = connections.ask("GET", "/file", headers={}, body=b"{}", into=file)
    return answer.status, answer.content


@pytest.mark.parametrize(
    "answer",
    [
        FILE % 600_000 + b"x" * 600_000,
        CHUNKED + b"493e0\r\n" + b"x" * 300_000 + b"\r\n" + b"493e0\r\n" + b"x" * 300_000 + b"\r\n0\r\n\r\n",
    ],
    ids=["whole", "chunked"],
)
def test_a_file_is_written_in_place_of_what_was_there_and_the_connection_kept(answer: bytes) -> None:
    file = io.BytesIO(b"y" * 700_000)
    with serving([answer, ANSWER]) as (_, connections):
        assert fetch(connections, file) == (200, b"")
        assert ask(connections) == (200, b"ok")

    assert file.getvalue() == b"x" * 600_000


@pytest.mark.parametrize("answer", [FILE % 600_000 + b"x" * 500_000, CHUNKED + b"493e0\r\nx"], ids=["whole", "chunked"])
def test_a_file_cut_short_is_silence(answer: bytes) -> None:
    with serving([answer]) as (_, connections), pytest.raises(GatewayUnreachable):
        fetch(connections, io.BytesIO())


def test_a_refusal_is_not_written_and_not_read_for_ever() -> None:
    long = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 70000\r\n\r\n" + b"n" * 70_000
    file = io.BytesIO()
    with serving([long], [ANSWER]) as (_, connections):
        status, content = fetch(connections, file)

        assert (status, content) == (400, b"n" * 65_536)
        assert not connections._idle
        assert file.getvalue() == b""
        assert ask(connections) == (200, b"ok")


def test_nobody_waits_for_ever() -> None:
    # Accepted by the system, and never answered.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections = Connections(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.1)

        with pytest.raises(GatewayUnreachable):
            ask(connections)


def test_nobody_there_is_silence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(GatewayUnreachable):
        ask(Connections(f"http://127.0.0.1:{port}", timeout=0.5))


@pytest.mark.parametrize("address", ["", "ftp://x", "127.0.0.1:80", "http://"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        Connections(address, timeout=0.5)
