"""Alipay's open API (RSA2 with a public key): orders, refunds, callbacks, shares and bills."""

from lintuan.payments.gateways.alipay.accounts import Account, read_account
from lintuan.payments.gateways.alipay.exchange import Exchange
from lintuan.payments.gateways.alipay.service import TAKEN, Alipay

__all__ = ["TAKEN", "Account", "Alipay", "Exchange", "read_account"]
