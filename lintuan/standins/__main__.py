import argparse
import logging
import socket
from decimal import Decimal
from pathlib import Path

from uvicorn import Config, Server

from lintuan.standins.asgi import app
from lintuan.standins.settings import HOST, Settings

BACKLOG = 1024


def main() -> None:
    settings = _settings()
    # First of all: where another one listens already, nothing of its state is to be touched.
    listener = _listening(settings.port)
    config = Config(app(settings), loop="uvloop", log_level=logging.ERROR, access_log=False, ws="none")
    Server(config).run(sockets=[listener])


def _settings() -> Settings:
    parser = argparse.ArgumentParser(
        prog="python -m lintuan.standins", description="WeChat Pay, Alipay and a phone message gateway, on loopback."
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, help="folder of keys, manifest and transactions")
    parser.add_argument("--retry", type=_waits, default=Settings.retry_after, help="waits before repeats: 1,2,5")
    parser.add_argument("--refund-after", type=float, default=Settings.refund_after, help="seconds until settled")
    parser.add_argument("--confirm-within", type=float, default=Settings.confirm_within, help="seconds for a payee")
    parser.add_argument("--callbacks", type=int, default=Settings.callback_concurrency, help="callbacks at once")
    parser.add_argument("--fee-rate", type=Decimal, default=Settings.fee_rate, help="percent of a payment: 0.60")
    parser.add_argument(
        "--bills-at-once", action="store_true", help="bills of today, not only of yesterday from ten on"
    )
    given = parser.parse_args()
    return Settings(
        state=given.state.resolve(),
        port=given.port,
        retry_after=given.retry,
        refund_after=given.refund_after,
        confirm_within=given.confirm_within,
        callback_concurrency=given.callbacks,
        fee_rate=given.fee_rate,
        bills_at_once=given.bills_at_once,
    )


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError) as problem:
        raise SystemExit(f"The stand-ins cannot listen on {HOST}:{port}: {problem}") from None
    listener.listen(BACKLOG)
    return listener


def _waits(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(",") if part)


if __name__ == "__main__":
    main()
