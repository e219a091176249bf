from __future__ import annotations

from enum import StrEnum


class Provider(StrEnum):
    """An outside payment service."""

    WECHATPAY = "wechatpay"
    ALIPAY = "alipay"

    @property
    def notify_path(self) -> str:
        """Where it brings its callbacks."""
        return f"/api/v1/payments/{self}/notify"
