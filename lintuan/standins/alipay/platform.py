from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from lintuan.standins.alipay.courier import Courier
from lintuan.standins.alipay.keys import FOLDER, Keys, open_keys
from lintuan.standins.alipay.store import Store
from lintuan.standins.alipay.troubles import Troubles
from lintuan.standins.settings import Settings


@dataclass(frozen=True)
class Platform:
    """Everything that Alipay has on its side."""

    settings: Settings
    keys: Keys
    store: Store
    courier: Courier
    troubles: Troubles

    @classmethod
    def open(cls, settings: Settings) -> Platform:
        keys = open_keys(settings.state)
        store = Store(settings.state / FOLDER / "transactions.sqlite3")
        return cls(settings, keys, store, Courier(keys, store=store, settings=settings), Troubles())

    @property
    def address(self) -> str:
        return f"{self.settings.address}/alipay"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with self.courier.running():
            yield
        self.store.close()
