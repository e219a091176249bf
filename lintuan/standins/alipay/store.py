import sqlite3
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

SCHEMA = """
CREATE TABLE IF NOT EXISTS trades (
    out_trade_no TEXT PRIMARY KEY, trade_no TEXT NOT NULL UNIQUE, day TEXT NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS paid_trades ON trades (day, out_trade_no) WHERE day <> '';
CREATE TABLE IF NOT EXISTS refunds (
    out_trade_no TEXT NOT NULL, out_request_no TEXT NOT NULL, day TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (out_trade_no, out_request_no)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refunds_of_a_day ON refunds (day);
CREATE TABLE IF NOT EXISTS shares (
    trade_no TEXT NOT NULL, out_request_no TEXT NOT NULL, settle_no TEXT NOT NULL UNIQUE, body BLOB NOT NULL,
    PRIMARY KEY (trade_no, out_request_no)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS receivers (kind TEXT NOT NULL, account TEXT NOT NULL, PRIMARY KEY (kind, account));
CREATE TABLE IF NOT EXISTS notices (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
"""

Kind = TypeVar("Kind", bound=Struct)


class Trade(Struct, frozen=True):
    """``is_known`` is not yet true of a QR code that nobody has scanned; ``refunded`` is the sum in fen."""

    out_trade_no: str
    trade_no: str
    total: int
    subject: str
    content: str
    notify_url: str
    created_at: str
    buyer: str = ""
    return_url: str = ""
    expires: str = ""
    status: str = "WAIT_BUYER_PAY"
    is_known: bool = True
    paid_at: str = ""
    refunded: int = 0
    refunds: int = 0


class Refund(Struct, frozen=True):
    out_trade_no: str
    out_request_no: str
    amount: int
    at: str
    fee_back: int = 0


class Share(Struct, frozen=True):
    kind: str
    account: str
    amount: int


class Settlement(Struct, frozen=True):
    trade_no: str
    out_request_no: str
    settle_no: str
    content: str
    at: str
    shares: list[Share]


class Notice(Struct, frozen=True):
    """A callback that the merchant has not taken yet; ``fields`` are as they are before they are signed."""

    id: str
    url: str
    fields: dict[str, str]


class Store:
    """Transactions that outlive a restart."""

    def __init__(self, path: Path) -> None:
        self._rows = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._rows.execute("PRAGMA journal_mode=WAL")
        self._rows.execute("PRAGMA synchronous=OFF")
        self._rows.executescript(SCHEMA)

    def close(self) -> None:
        self._rows.close()

    def keep_trade(self, trade: Trade) -> None:
        row = (trade.out_trade_no, trade.trade_no, trade.paid_at[:10], msgspec.json.encode(trade))
        self._rows.execute("INSERT OR REPLACE INTO trades VALUES (?, ?, ?, ?)", row)

    def trade(self, *, out_trade_no: str = "", trade_no: str = "") -> Trade | None:
        """By either number; Alipay's own counts where both are given."""
        name, value = ("trade_no", trade_no) if trade_no else ("out_trade_no", out_trade_no)
        return self._one(f"SELECT body FROM trades WHERE {name} = ?", (value,), Trade)

    def trades_of(self, day: str) -> list[Trade]:
        return self._many("SELECT body FROM trades WHERE day = ? AND day <> '' ORDER BY out_trade_no", (day,), Trade)

    def keep_refund(self, refund: Refund, trade: Trade) -> None:
        """Keep the refund and the trade it changes, both or neither."""
        self._rows.execute("BEGIN")
        try:
            row = (refund.out_trade_no, refund.out_request_no, refund.at[:10], msgspec.json.encode(refund))
            self._rows.execute("INSERT INTO refunds VALUES (?, ?, ?, ?)", row)
            self.keep_trade(trade)
        except BaseException:
            self._rows.execute("ROLLBACK")
            raise
        self._rows.execute("COMMIT")

    def refund(self, out_trade_no: str, out_request_no: str) -> Refund | None:
        keys = (out_trade_no, out_request_no)
        return self._one("SELECT body FROM refunds WHERE out_trade_no = ? AND out_request_no = ?", keys, Refund)

    def refunds_of(self, day: str) -> list[Refund]:
        return self._many("SELECT body FROM refunds WHERE day = ?", (day,), Refund)

    def bind(self, kind: str, account: str) -> None:
        self._rows.execute("INSERT OR IGNORE INTO receivers VALUES (?, ?)", (kind, account))

    def is_bound(self, kind: str, account: str) -> bool:
        found = self._rows.execute("SELECT 1 FROM receivers WHERE kind = ? AND account = ?", (kind, account))
        return found.fetchone() is not None

    def keep_settlement(self, one: Settlement) -> None:
        row = (one.trade_no, one.out_request_no, one.settle_no, msgspec.json.encode(one))
        self._rows.execute("INSERT INTO shares VALUES (?, ?, ?, ?)", row)

    def settlement(self, settle_no: str) -> Settlement | None:
        return self._one("SELECT body FROM shares WHERE settle_no = ?", (settle_no,), Settlement)

    def settlements_of(self, trade_no: str) -> list[Settlement]:
        return self._many("SELECT body FROM shares WHERE trade_no = ?", (trade_no,), Settlement)

    def keep_notice(self, notice: Notice) -> None:
        self._rows.execute("INSERT INTO notices VALUES (?, ?)", (notice.id, msgspec.json.encode(notice)))

    def notices(self) -> list[Notice]:
        return self._many("SELECT body FROM notices", (), Notice)

    def count_notices(self) -> int:
        return int(self._rows.execute("SELECT count(*) FROM notices").fetchone()[0])

    def drop_notice(self, notice_id: str) -> None:
        self._rows.execute("DELETE FROM notices WHERE id = ?", (notice_id,))

    def _one(self, query: str, values: tuple[str, ...], kind: type[Kind]) -> Kind | None:
        row = self._rows.execute(query, values).fetchone()
        return msgspec.json.decode(row[0], type=kind) if row else None

    def _many(self, query: str, values: tuple[str, ...], kind: type[Kind]) -> list[Kind]:
        return [msgspec.json.decode(row[0], type=kind) for row in self._rows.execute(query, values)]
