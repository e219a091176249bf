"""The stand-ins as a process of their own, and an ear for their callbacks."""

import contextlib
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

PATIENCE = 20.0
POLL = 0.02


@dataclass(frozen=True)
class Addresses:
    root: str
    manifest: Path

    @property
    def wechatpay(self) -> str:
        return f"{self.root}/wechatpay"

    @property
    def alipay(self) -> str:
        return f"{self.root}/alipay"

    @property
    def messages(self) -> str:
        return f"{self.root}/messages"


@dataclass(frozen=True)
class Received:
    headers: Mapping[str, str]
    body: bytes
    path: str = ""


class Ear:
    """A merchant's callback address, with the callbacks that came; ``answer`` and ``words`` may change at any time."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/callback"
        self.answer = 204
        self.words = b""
        self._heard: queue.Queue[Received] = queue.Queue()

    def hear(self, received: Received) -> tuple[int, bytes]:
        answer = self.answer, self.words
        self._heard.put(received)
        return answer

    def next(self, *, within: float = PATIENCE) -> Received:
        return self._heard.get(timeout=within)

    def is_quiet(self) -> bool:
        return self._heard.empty()


@contextlib.contextmanager
def run_standins(state: Path, *options: str) -> Iterator[Addresses]:
    """Start the stand-ins and wait until they answer; ends them by their process id."""
    port = free_port()
    command = [sys.executable, "-m", "lintuan.standins", "--port", str(port), "--state", str(state), *options]
    with subprocess.Popen(command) as process:
        try:
            addresses = Addresses(f"http://127.0.0.1:{port}", state / "manifest.json")
            _wait_until_it_answers(addresses.root, process)
            yield addresses
        finally:
            process.terminate()


@contextlib.contextmanager
def listen() -> Iterator[Ear]:
    """Hear callbacks on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, words = ear.hear(Received(dict(self.headers), body, self.path))
            self.send_response_only(status)
            self.send_header("Content-Length", str(len(words)))
            self.end_headers()
            self.wfile.write(words)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        ear = Ear(server.server_port)
        thread = threading.Thread(target=server.serve_forever, args=(POLL,), daemon=True)
        thread.start()
        try:
            yield ear
        finally:
            server.shutdown()
            thread.join()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_it_answers(root: str, process: subprocess.Popen[bytes]) -> None:
    transport = httpx.HTTPTransport(retries=8)
    with httpx.Client(transport=transport, timeout=PATIENCE, trust_env=False) as client:
        assert client.get(root).status_code == 200
    assert process.poll() is None
