"""Alipay's open API: the platform's side of the protocol, and the buyer's thumb."""

from lintuan.standins.alipay.routes import routes

__all__ = ["routes"]
