from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from lintuan.standins.papers import Papers
from lintuan.standins.settings import Settings
from lintuan.standins.wechatpay import refunds
from lintuan.standins.wechatpay.bills import Desk
from lintuan.standins.wechatpay.courier import Courier
from lintuan.standins.wechatpay.faults import AnswerFaults
from lintuan.standins.wechatpay.keys import FOLDER, Keys, open_keys
from lintuan.standins.wechatpay.store import Store


@dataclass(frozen=True)
class Platform:
    """Everything that WeChat Pay has on its side."""

    settings: Settings
    keys: Keys
    store: Store
    courier: Courier
    bills: Desk
    papers: Papers
    answer_faults: AnswerFaults = field(default_factory=AnswerFaults)

    @property
    def address(self) -> str:
        return f"{self.settings.address}/wechatpay"

    @classmethod
    def open(cls, settings: Settings) -> Platform:
        keys = open_keys(settings.state)
        store = Store(settings.state / FOLDER / "transactions.sqlite3")
        courier = Courier(keys, store=store, settings=settings)
        papers = Papers(settings.state / FOLDER / "papers.sqlite3")
        return cls(settings, keys, store, courier, Desk(settings.state / FOLDER / "bills"), papers)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with self.courier.running():
            for refund in self.store.unsettled_refunds():
                refunds.settle_later(self, refund)
            yield
        self.store.close()
        self.papers.close()
