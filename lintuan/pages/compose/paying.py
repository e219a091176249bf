"""How pages let somebody pay."""

from __future__ import annotations

from django.conf import settings

from lintuan.pages.tree.actions import Pay

from . import words
from .asking import Asking


def counter() -> str:
    """Where a demonstration pays outside of WeChat; empty in production."""
    return f"{settings.STAND_INS}/wechatpay/phone/pay" if settings.DEMO and settings.STAND_INS else ""


def pay(asking: Asking, order: str, amount_fen: int | None = None) -> Pay:
    """Pay an order, which may be one that is only just being placed."""
    amount = "" if amount_fen is None else f" {words.yuan(amount_fen)}"
    return Pay(text=asking.t(f"支付{amount}", f"Pay{amount}"), order=order, counter=counter())
