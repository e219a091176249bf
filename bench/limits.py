"""What PostgreSQL itself can do with orders, asked by pgbench: the limits that the intake is held against.

LIMIT A writes an order of three lines as separate prepared statements in one transaction, LIMIT B by one PL/pgSQL call.
Both write order, lines, charge and event into the product's own tables, with their indexes and constraints, and take
the stock last, in the order of offers. They run in a copy of the migrated and filled database on the same server. The
bare pair writes three tables of its own that have a primary key and nothing else.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict

from .rows import Writing, writings

CLIENTS = (8, 16, 32)
#: Where all wait for one row, more clients only wait longer.
HOT_CLIENTS = (4, 8, 16)
WARM_UP_S = 2.0
THREADS = 2
PRICE = 398
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")

_IDS = "".join(f"CREATE SEQUENCE limit_{what} START 1000000000;" for what in ("order", "line", "charge"))
_BARE = """
CREATE TABLE bare_order (id bigint PRIMARY KEY, member_id bigint NOT NULL, point_id bigint NOT NULL,
    amount bigint NOT NULL, placed_at timestamptz NOT NULL);
CREATE TABLE bare_line (order_id bigint, offer_id bigint, quantity int NOT NULL, price bigint NOT NULL,
    PRIMARY KEY (order_id, offer_id));
CREATE TABLE bare_stock (offer_id bigint PRIMARY KEY, capacity int NOT NULL, taken int NOT NULL);
INSERT INTO bare_stock SELECT offer_id, capacity, 0 FROM pricing_stock;
"""


@dataclass(frozen=True)
class Draws:
    """Between which ids pgbench draws; the offers of an order are drawn from three parts, so they come sorted."""

    province: int
    members: tuple[int, int]
    points: tuple[int, int]
    offers: tuple[int, int]
    sale_on: str

    def script(self, hot_offer: int | None = None) -> str:
        first, last = self.offers
        third = (last - first + 1) // 3
        ends = (first + third - 1, first + 2 * third - 1, last)
        begins = (first, ends[0] + 1, ends[1] + 1)
        draws = [f"\\set o{line} random({begins[line - 1]}, {ends[line - 1]})" for line in (1, 2, 3)]
        if hot_offer is not None:
            draws[2] = f"\\set o3 {hot_offer}"
        draws += [f"\\set q{line} random(1, 3)" for line in (1, 2, 3)]
        draws += [f"\\set a{line} {PRICE} * :q{line}" for line in (1, 2, 3)]
        draws += [
            "\\set member random({}, {})".format(*self.members),
            "\\set point random({}, {})".format(*self.points),
            "\\set amount :a1 + :a2 + :a3",
            "\\set number random(100000000000, 999999999999)",
            "\\set key random(1, 9000000000000000000)",
        ]
        return "\n".join(draws) + "\n"


def durability(url: str) -> Mapping[str, str]:
    """The settings on which durable commits rest; refused unless all are on."""
    with psycopg.connect(url) as connection:
        found = {name: _shown(connection, name) for name in DURABLE}
    if set(found.values()) != {"on"}:
        raise click.ClickException(f"not durable, so nothing measured on it would count: {found}")
    return found


@dataclass
class Pgbench:
    """pgbench on a copy of the product's database, which it spoils; `clients` are those with which a limit was best."""

    url: str
    program: Path
    scripts: Mapping[str, str]
    clients: dict[str, int] = field(default_factory=dict)

    @classmethod
    def on(cls, url: str, draws: Draws, *, program: Path) -> Pgbench:
        durability(url)
        return cls(url, program, _scripts(url, draws))

    def find_clients(self, seconds: float) -> None:
        """Try each limit with several numbers of clients; the bare pair takes those that were best for its like."""
        self._run(self.scripts["call"], max(CLIENTS), WARM_UP_S)
        for name, tries in (("statements", CLIENTS), ("call", CLIENTS), ("call_on_hot_row", HOT_CLIENTS)):
            rates = {clients: self._run(self.scripts[name], clients, seconds) for clients in tries}
            self.clients[name] = max(rates, key=rates.__getitem__)
        for name in ("statements", "call"):
            self.clients[f"bare_{name}"] = self.clients[name]

    def per_s(self, name: str, seconds: float) -> float:
        """Orders per second of one of the scripts."""
        return self._run(self.scripts[name], self.clients[name], seconds)

    def p99_ms(self, name: str, seconds: float, rate: float) -> float:
        """The slowest hundredth when so many fall due per second; time spent waiting to begin counts."""
        with tempfile.TemporaryDirectory() as folder:
            paced = (f"--rate={rate:.0f}", "--log", f"--log-prefix={folder}/took")
            self._run(self.scripts[name], self.clients[name], seconds, *paced)
            took = [int(line.split()[2]) for path in Path(folder).iterdir() for line in path.read_text().splitlines()]
        return round(quantiles(took, n=100)[98] / 1000, 2)

    def _run(self, script: str, clients: int, seconds: float, *options: str) -> float:
        known = conninfo_to_dict(self.url)
        names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
        address = {names[part]: str(value) for part, value in known.items() if part in names}
        command = [str(self.program), "--no-vacuum", "--protocol=prepared", "--file=-", f"--client={clients}"]
        command += [f"--jobs={THREADS}", f"--time={max(round(seconds), 1)}", *options]
        done = subprocess.run(command, input=script, env={**os.environ, **address}, capture_output=True, text=True)
        rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
        if done.returncode or rate is None:
            raise click.ClickException(f"pgbench: {done.stderr.strip()[-2000:]}")
        return round(float(rate[1]), 1)


def _scripts(url: str, draws: Draws) -> dict[str, str]:
    """The five scripts; what they call is made in the database."""
    tables = writings(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_IDS)
        connection.execute(_BARE)
        connection.execute(_function("limit_take", _body(tables, draws)))
        connection.execute(_function("limit_take_bare", _bare_body()))
        connection.execute("VACUUM ANALYZE")
    hot = draws.offers[1]
    return {
        "statements": draws.script() + _statements(tables, draws),
        "call": draws.script() + _call("limit_take"),
        "call_on_hot_row": draws.script(hot) + _call("limit_take"),
        "bare_statements": draws.script() + _bare_statements(),
        "bare_call": draws.script() + _call("limit_take_bare"),
    }


@dataclass(frozen=True)
class _Dialect:
    """How the drawn values are spelled: `:o1` in a script, `p_o1` in a function."""

    mark: str
    order: str
    charge: str

    def values(self, draws: Draws, line: int = 1) -> dict[str, str]:
        mark = self.mark
        return {
            "province": str(draws.province),
            "day": draws.sale_on,
            "sale_on": f"date '{draws.sale_on}'",
            "at": "now()",
            "paid_at": "NULL",
            "state": "'unpaid'",
            "charge_state": "'open'",
            "price": str(PRICE),
            "order": self.order,
            "charge": self.charge,
            "line": "nextval('limit_line')",
            "offer": f"{mark}o{line}",
            "quantity": f"{mark}q{line}",
            "line_amount": f"{mark}a{line}",
            **{name: f"{mark}{name}" for name in ("member", "point", "amount", "number", "key")},
        }


_NEXT_IDS = {"order": "nextval('limit_order')", "charge": "nextval('limit_charge')"}


def _statements(tables: Mapping[str, Writing], draws: Draws) -> str:
    fresh = _Dialect(":", **_NEXT_IDS).values(draws)
    known = _Dialect(":", ":order", ":charge")
    lines = [known.values(draws, line) for line in (1, 2, 3)]
    stock = [_take_stock(draws, f":o{line}", f":q{line}") for line in (1, 2, 3)]
    steps = [
        "BEGIN",
        tables["ordering_order"].insert(fresh) + ' RETURNING id AS "order", charge_id AS charge \\gset',
        tables["ordering_orderline"].insert(*lines),
        tables["payments_charge"].insert(lines[0]),
        tables["kernel_event"].insert(lines[0]),
        *stock,
        "COMMIT",
    ]
    return "\n".join(step if step.endswith("\\gset") else f"{step};" for step in steps)


def _body(tables: Mapping[str, Writing], draws: Draws) -> Sequence[str]:
    known = _Dialect("p_", "v_order", "v_charge")
    lines = [known.values(draws, line) for line in (1, 2, 3)]
    return [
        *(tables[table].insert(lines[0]) for table in ("ordering_order", "payments_charge", "kernel_event")),
        tables["ordering_orderline"].insert(*lines),
        *(_take_stock(draws, f"p_o{line}", f"p_q{line}") for line in (1, 2, 3)),
    ]


def _take_stock(draws: Draws, offer: str, quantity: str) -> str:
    return (
        f"UPDATE pricing_stock SET taken = taken + {quantity} WHERE province_id = {draws.province}"
        f" AND offer_id = {offer} AND taken + {quantity} <= capacity"
    )


_PARAMETERS = ("member", "point", "amount", "key", "o1", "o2", "o3", "q1", "q2", "q3", "a1", "a2", "a3")


def _function(name: str, statements: Sequence[str]) -> str:
    parameters = ", ".join(f"p_{name} {'int' if name[0] == 'q' else 'bigint'}" for name in _PARAMETERS)
    return (
        f"CREATE FUNCTION {name}(p_number text, {parameters}) RETURNS bigint LANGUAGE plpgsql AS $$\n"
        "DECLARE v_order bigint := nextval('limit_order'); v_charge bigint := nextval('limit_charge');\n"
        f"BEGIN\n{';'.join(statements)};\nRETURN v_order;\nEND $$"
    )


def _call(function: str) -> str:
    return f"SELECT {function}(:number, {', '.join(f':{name}' for name in _PARAMETERS)});"


def _bare(mark: str, order: str) -> list[str]:
    rows = ", ".join(f"({order}, {mark}o{line}, {mark}q{line}, {PRICE})" for line in (1, 2, 3))
    return [
        f"INSERT INTO bare_line VALUES {rows}",
        *(
            f"UPDATE bare_stock SET taken = taken + {mark}q{line} WHERE offer_id = {mark}o{line}"
            f" AND taken + {mark}q{line} <= capacity"
            for line in (1, 2, 3)
        ),
    ]


def _bare_statements() -> str:
    first = f"INSERT INTO bare_order VALUES ({_NEXT_IDS['order']}, :member, :point, :amount, now())"
    rest = "".join(f"{step};\n" for step in _bare(":", ":order"))
    return f'BEGIN;\n{first} RETURNING id AS "order" \\gset\n{rest}COMMIT;'


def _bare_body() -> Sequence[str]:
    return ["INSERT INTO bare_order VALUES (v_order, p_member, p_point, p_amount, now())", *_bare("p_", "v_order")]


def _shown(connection: psycopg.Connection[tuple[str]], name: str) -> str:
    row = connection.execute(f"SHOW {name}").fetchone()
    return row[0] if row else ""
