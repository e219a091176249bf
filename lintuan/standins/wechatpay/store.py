import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    out_trade_no TEXT PRIMARY KEY, prepay_id TEXT NOT NULL UNIQUE, content TEXT NOT NULL, description TEXT NOT NULL,
    total INTEGER NOT NULL, openid TEXT NOT NULL, notify_url TEXT NOT NULL, expires REAL, state TEXT NOT NULL,
    transaction_id TEXT, paid_at TEXT, refunded INTEGER NOT NULL, refunds INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refunds (
    out_refund_no TEXT PRIMARY KEY, refund_id TEXT NOT NULL, out_trade_no TEXT NOT NULL, transaction_id TEXT NOT NULL,
    content TEXT NOT NULL, amount INTEGER NOT NULL, total INTEGER NOT NULL, notify_url TEXT, state TEXT NOT NULL,
    created_at TEXT NOT NULL, settled_at TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS unsettled_refunds ON refunds (out_refund_no) WHERE state = 'PROCESSING';
CREATE UNIQUE INDEX IF NOT EXISTS paid_orders ON orders (transaction_id) WHERE transaction_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS notices (
    id TEXT PRIMARY KEY, event_type TEXT NOT NULL, kind TEXT NOT NULL, url TEXT NOT NULL, content BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS movements (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, word TEXT NOT NULL, business_no TEXT NOT NULL, voucher TEXT NOT NULL,
    amount INTEGER NOT NULL, balance INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS movements_of_a_day ON movements (at);
"""

#: What a store of an earlier version lacks: table, column, declaration.
LATER = (
    ("orders", "trade_type", "TEXT NOT NULL DEFAULT 'JSAPI'"),
    ("orders", "fee", "INTEGER NOT NULL DEFAULT 0"),
    ("refunds", "fee_back", "INTEGER NOT NULL DEFAULT 0"),
)


@dataclass(frozen=True)
class Order:
    out_trade_no: str
    prepay_id: str
    content: str
    description: str
    total: int
    openid: str
    notify_url: str
    expires: float | None
    state: str = "NOTPAY"
    transaction_id: str | None = None
    paid_at: str | None = None
    refunded: int = 0
    refunds: int = 0
    trade_type: str = "JSAPI"
    fee: int = 0


@dataclass(frozen=True)
class Refund:
    out_refund_no: str
    refund_id: str
    out_trade_no: str
    transaction_id: str
    content: str
    amount: int
    total: int
    notify_url: str | None
    state: str
    created_at: str
    settled_at: str | None = None
    fee_back: int = 0


@dataclass(frozen=True)
class Movement:
    """Money that came to the merchant's account (above zero) or left it; ``word`` as the fund flow bill says it."""

    at: str
    word: str
    business_no: str
    voucher: str
    amount: int


@dataclass(frozen=True)
class Notice:
    """A callback that the merchant has not taken yet; ``content`` is the resource before encryption."""

    id: str
    event_type: str
    kind: str
    url: str
    content: bytes


class Store:
    """Transactions that outlive a restart; each call touches one or two rows by their key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rows = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._rows.execute("PRAGMA journal_mode=WAL")
        self._rows.execute("PRAGMA synchronous=OFF")
        self._rows.executescript(SCHEMA)
        for table, column, declaration in LATER:
            if column not in {row[1] for row in self._rows.execute(f"PRAGMA table_info({table})")}:
                self._rows.execute(f"ALTER TABLE {table} ADD COLUMN {column} {declaration}")

    def close(self) -> None:
        self._rows.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is kept within is kept whole or not at all."""
        self._rows.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._rows.execute("ROLLBACK")
            raise
        self._rows.execute("COMMIT")

    def add_order(self, order: Order) -> None:
        self._rows.execute(_INSERT_ORDER, astuple(order))

    def order(self, out_trade_no: str) -> Order | None:
        row = self._rows.execute("SELECT * FROM orders WHERE out_trade_no = ?", (out_trade_no,)).fetchone()
        return Order(*row) if row else None

    def order_to_pay(self, prepay_id: str) -> Order | None:
        row = self._rows.execute("SELECT * FROM orders WHERE prepay_id = ?", (prepay_id,)).fetchone()
        return Order(*row) if row else None

    def paid_order(self, transaction_id: str) -> Order | None:
        row = self._rows.execute("SELECT * FROM orders WHERE transaction_id = ?", (transaction_id,)).fetchone()
        return Order(*row) if row else None

    def update_order(self, order: Order) -> None:
        changed = (
            order.state,
            order.openid,
            order.transaction_id,
            order.paid_at,
            order.refunded,
            order.refunds,
            order.fee,
        )
        self._rows.execute(_UPDATE_ORDER, (*changed, order.out_trade_no))

    def move(self, *movements: Movement) -> None:
        """Book movements one after the other; nothing is booked for nothing."""
        last = self._rows.execute("SELECT balance FROM movements ORDER BY id DESC LIMIT 1").fetchone()
        balance = last[0] if last else 0
        for movement in movements:
            if movement.amount:
                balance += movement.amount
                self._rows.execute(_INSERT_MOVEMENT, (*astuple(movement), balance))

    def payments_of(self, day: str) -> Iterator[Order]:
        """Paid orders of a day (2026-11-23), by the moment of payment."""
        rows = self._rows.execute(
            "SELECT * FROM orders WHERE paid_at >= ? AND paid_at < ? ORDER BY transaction_id", _day(day)
        )
        return (Order(*row) for row in rows)

    def refunds_of(self, day: str) -> Iterator[tuple[Refund, Order]]:
        """Refunds accepted on a day, in whatever state they are now, with the orders they belong to."""
        width = len(Refund.__dataclass_fields__)
        for row in self._rows.execute(_REFUNDS_OF, _day(day)):
            yield Refund(*row[:width]), Order(*row[width:])

    def movements_of(self, day: str) -> Iterator[tuple[int, Movement, int]]:
        """Number, movement and balance after it."""
        for number, *cells, balance in self._rows.execute(
            "SELECT * FROM movements WHERE at >= ? AND at < ? ORDER BY id", _day(day)
        ):
            yield number, Movement(*cells), balance

    def add_refund(self, refund: Refund, order: Order) -> None:
        """Keep the refund and the order it changes, both or neither."""
        with self.together():
            self._rows.execute(_INSERT_REFUND, astuple(refund))
            self.update_order(order)

    def refund(self, out_refund_no: str) -> Refund | None:
        row = self._rows.execute("SELECT * FROM refunds WHERE out_refund_no = ?", (out_refund_no,)).fetchone()
        return Refund(*row) if row else None

    def unsettled_refunds(self) -> list[Refund]:
        return [Refund(*row) for row in self._rows.execute("SELECT * FROM refunds WHERE state = 'PROCESSING'")]

    def update_refund(self, refund: Refund) -> None:
        self._rows.execute(
            "UPDATE refunds SET state = ?, settled_at = ? WHERE out_refund_no = ?",
            (refund.state, refund.settled_at, refund.out_refund_no),
        )

    def add_notice(self, notice: Notice) -> None:
        self._rows.execute("INSERT INTO notices VALUES (?, ?, ?, ?, ?)", astuple(notice))

    def notices(self) -> list[Notice]:
        return [Notice(*row) for row in self._rows.execute("SELECT * FROM notices")]

    def count_notices(self) -> int:
        return int(self._rows.execute("SELECT count(*) FROM notices").fetchone()[0])

    def drop_notice(self, notice_id: str) -> None:
        self._rows.execute("DELETE FROM notices WHERE id = ?", (notice_id,))


def _day(day: str) -> tuple[str, str]:
    # Moments are texts that begin with their day; "U" follows the "T" after it.
    return f"{day}T", f"{day}U"


# The columns stand in the order of the fields of their dataclass.
_INSERT_ORDER = "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_UPDATE_ORDER = (
    "UPDATE orders SET state = ?, openid = ?, transaction_id = ?, paid_at = ?, refunded = ?, refunds = ?, fee = ?"
    " WHERE out_trade_no = ?"
)
_INSERT_REFUND = "INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_REFUNDS_OF = (
    "SELECT refunds.*, orders.* FROM refunds JOIN orders USING (out_trade_no)"
    " WHERE created_at >= ? AND created_at < ? ORDER BY created_at, refund_id"
)
_INSERT_MOVEMENT = "INSERT INTO movements (at, word, business_no, voucher, amount, balance) VALUES (?, ?, ?, ?, ?, ?)"
