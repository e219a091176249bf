"""WeChat's open platform, as far as money needs it: the token of a mini-program, and the news that goods are there.

Money of a mini-program's orders is frozen until the platform was told of their delivery.
Sources: developers.weixin.qq.com, getStableAccessToken, uploadShippingInfo, getOrder.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from lintuan.payments.gateways.connections import Answer, Connections
from lintuan.payments.gateways.faults import GatewayRefused, GatewayUnreachable

HOST = "https://api.weixin.qq.com"
#: A token is asked for anew so many seconds before it ends.
MARGIN = 300.0
#: Errors of a token that we thought was good.
STALE_TOKEN = frozenset({40001, 40014, 42001})
#: The platform is busy, we asked too often, or it has not heard of the payment yet: the same call may succeed later.
PASSING = frozenset({-1, 45009, 45011, 10060001})
#: It knows of this delivery already, so there is nothing more to tell.
TOLD_ALREADY = frozenset({10060002, 10060003, 10060023})
SELF_PICKUP = 4
WAITS_FOR_GOODS = 1
LONGEST_DESCRIPTION = 120

Read = TypeVar("Read")


@dataclass(frozen=True)
class Account:
    """Our mini-program; the secret is no part of what is printed."""

    app_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Delivery:
    """Goods of one payment wait where they will be picked up; ``told_at`` is a moment of the real world."""

    merchant_id: str
    out_trade_no: str
    openid: str
    description: str
    told_at: datetime


class OpenPlatform:
    """Calls of one mini-program's server; may be shared by threads, of which one at a time asks for a token.

    The stable token is the same for all who ask while it lasts, so processes need not share it.
    """

    def __init__(
        self, account: Account, *, base_url: str = HOST, timeout: float = 5.0, real_time: Callable[[], float]
    ) -> None:
        self._account = account
        self._base_path = urlsplit(base_url.rstrip("/")).path
        self._connections = Connections(base_url, timeout=timeout)
        self._real_time = real_time
        self._lock = threading.Lock()
        self._token, self._ends_at = "", 0.0

    def close_connections(self) -> None:
        self._connections.close()

    def tell_shipped(self, delivery: Delivery) -> None:
        """Say that goods can be picked up; told before: nothing more is done. GatewayRefused, code as documented."""
        asked = {
            "order_key": {
                "order_number_type": 1,
                "mchid": delivery.merchant_id,
                "out_trade_no": delivery.out_trade_no,
            },
            "logistics_type": SELF_PICKUP,
            "delivery_mode": 1,
            "shipping_list": [{"item_desc": delivery.description[:LONGEST_DESCRIPTION]}],
            "upload_time": delivery.told_at.isoformat(timespec="milliseconds"),
            "payer": {"openid": delivery.openid},
        }
        try:
            self.call("/wxa/sec/order/upload_shipping_info", asked)
        except GatewayRefused as refusal:
            if int(refusal.code) not in TOLD_ALREADY:
                raise

    def is_told(self, merchant_id: str, out_trade_no: str) -> bool:
        """Whether the platform knows of a delivery; ask this before telling it again, as that is allowed but once."""
        asked = {"merchant_id": merchant_id, "merchant_trade_no": out_trade_no}
        body = self.call("/wxa/sec/order/get_order", asked)
        return _read(body, _Order).order.order_state != WAITS_FOR_GOODS

    def call(self, path: str, content: object) -> bytes:
        """One call with our token; with a new one where the platform holds ours to be stale."""
        token = self.token()
        told = self._post(path, content, token=token)
        if told.errcode in STALE_TOKEN:
            self._forget(token)
            told = self._post(path, content, token=self.token())
        if told.errcode in PASSING:
            raise GatewayUnreachable(f"{told.errcode} {told.errmsg}")
        if told.errcode:
            raise GatewayRefused(str(told.errcode), told.errmsg)
        return told.body

    def token(self) -> str:
        """A token that is good for some minutes at least."""
        with self._lock:
            if self._real_time() >= self._ends_at - MARGIN:
                self._refresh()
            return self._token

    def _refresh(self) -> None:
        asked = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": self._account.secret,
            "force_refresh": False,
        }
        told = self._post("/cgi-bin/stable_token", asked)
        if told.errcode in PASSING:
            raise GatewayUnreachable(f"{told.errcode}")
        if told.errcode:
            raise GatewayRefused(str(told.errcode), told.errmsg)
        issued = _read(told.body, _Token)
        self._token, self._ends_at = issued.access_token, self._real_time() + issued.expires_in

    def _forget(self, token: str) -> None:
        with self._lock:
            if self._token == token:
                self._ends_at = 0.0

    def _post(self, path: str, content: object, *, token: str = "") -> "_Told":
        # The address of a call holds the token, so no fault may quote it.
        target = self._base_path + path + (f"?access_token={token}" if token else "")
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        answer = self._connections.ask("POST", target, headers=headers, body=msgspec.json.encode(content))
        if not answer.is_success:
            raise GatewayUnreachable(f"{answer.status}")
        return _told(answer)


class _Problem(Struct):
    errcode: int = 0
    errmsg: str = ""


class _Token(Struct):
    access_token: str
    expires_in: int


class _OrderState(Struct):
    order_state: int


class _Order(Struct):
    order: _OrderState


@dataclass(frozen=True)
class _Told:
    errcode: int
    errmsg: str
    body: bytes = field(repr=False)


def _told(answer: Answer) -> _Told:
    problem = _read(answer.content, _Problem)
    return _Told(problem.errcode, problem.errmsg, answer.content)


def _read(body: bytes, kind: type[Read]) -> Read:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise GatewayUnreachable("An answer that we cannot read.") from None


class AccountManifest(Struct):
    """The ``wechatopen`` part of a manifest; the path of the secret is relative to the manifest's folder."""

    app_id: str
    secret: str
    base_url: str = HOST


class _Manifest(Struct):
    wechatopen: AccountManifest | None = None


def read_account(manifest: Path) -> tuple[Account, str] | None:
    """The mini-program that a manifest describes and the base URL of its platform; None where it names none."""
    told = msgspec.json.decode(manifest.read_bytes(), type=_Manifest).wechatopen
    if told is None:
        return None
    secret = (manifest.parent / told.secret).read_text().strip()
    return Account(told.app_id, secret), told.base_url
