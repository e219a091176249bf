"""Plays that hear of orders while orders flow; import it when the site's database stands, as it needs Django."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from threading import Event, Thread
from typing import Any

from django.db import connection

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM
from lintuan.payments.commands.notices import settle_payments
from lintuan.payments.gateways.notices import TradeState, Transaction
from lintuan.payments.models import Attempt, Charge
from lintuan.payments.types import PayMethod, Provider
from lintuan.plays import catalogue
from lintuan.plays.commands import start_play
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.progress import Collect
from lintuan.plays.engine.rewards import Goods
from lintuan.plays.types import NewCampaign
from lintuan.sharing.types import Channel
from lintuan.sim.city import PROVINCE

from .loads import Loads
from .machine import out
from .market import Market, open_market
from .proof import Proof
from .stage import Site

#: Those that begin by an order that is paid hear every one of them. The last two do not now: a group hears orders that
#: name it, the flash sale is in the evening. None of them pays back at once: no gateway has the money.
LIVE = (
    "lucky-wheel", "nine-grid", "buying-streak", "money-back", "payment-gift", "top-up-bonus", "task-centre",
    "orchard", "vegetable-album", "healthy-week", "buyers-board", "neighbourhood-pot", "city-group", "million-share",
    "target-relay", "full-truck", "group-relay", "help-sell", "neighbours-group", "flash-sale",
)  # fmt: skip
#: Orders per second over HTTP while a backlog of paid ones is heard.
FLOW_PER_S = 500.0
#: Orders per second that become paid while as many are placed as get answers, with plays and without.
PAID_PER_S = 100.0
TILL_EVERY = 0.25
LOOK_EVERY = 0.02
AT_ONCE = 500

_FACTS = "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('plays_heard', 'id')::regclass), 0)"
#: Budgets that hold something else than what was given, or more than they may.
_BUDGETS_OFF = """
SELECT count(*) FROM plays_budget b LEFT JOIN (
    SELECT campaign_id, sum(cost) AS fen FROM plays_grant
    WHERE province_id = %(province)s AND state IN ('given', 'held', 'used') GROUP BY campaign_id
) g ON g.campaign_id = b.campaign_id
WHERE b.province_id = %(province)s AND (b.spent > b.most OR b.kind = 'play' AND b.spent <> coalesce(g.fen, 0))
"""


@dataclass(frozen=True)
class Form:
    """How much of each there is; times in seconds."""

    members: int
    backlog: int
    applied_rounds: int
    applied_s: float
    pairs: int
    load_s: float
    core_rounds: int


QUICK = Form(members=50_000, backlog=2_500, applied_rounds=2, applied_s=14, pairs=4, load_s=4, core_rounds=3)
FULL = Form(members=200_000, backlog=5_000, applied_rounds=5, applied_s=25, pairs=10, load_s=10, core_rounds=7)


@dataclass
class Till:
    """Takes the money for orders in the order in which they were placed, as the gateway's notices would."""

    paid: int = 0
    _after: int = 0

    def take(self, count: int) -> int:
        """Let that many become paid, as far as there are any; answers how many did."""
        waiting = Charge.objects.filter(province_id=PROVINCE, state="open", id__gt=self._after).order_by("id")
        rows = list(waiting.values_list("id", "amount")[:count])
        for start in range(0, len(rows), AT_ONCE):
            portion = rows[start : start + AT_ONCE]
            numbers = _begin_to_pay([charge_id for charge_id, _ in portion])
            told = [
                Transaction(numbers[charge_id], TradeState.PAID, amount.fen, transaction_id=f"bench{charge_id}")
                for charge_id, amount in portion
            ]
            settle_payments(SYSTEM, provider=Provider.WECHATPAY, told=told)
        self._after = rows[-1][0] if rows else self._after
        self.paid += len(rows)
        return len(rows)

    @contextmanager
    def open(self, rate: float) -> Iterator[None]:
        """Take so many a second while the block runs."""
        with _aside(lambda ending: self._keep_taking(rate, ending)):
            yield

    def _keep_taking(self, rate: float, ending: Event) -> None:
        began, before = time.monotonic(), self.paid
        while not ending.wait(TILL_EVERY):
            due = int((time.monotonic() - began) * rate) - (self.paid - before)
            self.take(due)


def _begin_to_pay(charge_ids: list[int]) -> dict[int, str]:
    """Write an attempt for each charge, as when phones had been told of them; their numbers."""
    numbers = {charge_id: f"{PROVINCE}{charge_id:026x}" for charge_id in charge_ids}
    Attempt.objects.bulk_create(
        Attempt(
            province_id=PROVINCE, charge_id=charge_id, number=number, provider=Provider.WECHATPAY,
            method=PayMethod.WECHAT_JSAPI, handle=f"bench{charge_id}", prepaid_at=clock.now(),
        )
        for charge_id, number in numbers.items()
    )  # fmt: skip
    return numbers


@dataclass
class Pace:
    """How many facts had been written at which moments: one for each step that was seen."""

    steps: list[tuple[float, int]] = field(default_factory=list)

    def per_s(self) -> float:
        """From the first step to the last; a step is a batch of the consumer, so the first one's time is not known."""
        (began, first), (ended, last) = self.steps[0], self.steps[-1]
        return (last - first) / (ended - began) if ended > began else 0.0

    def watch(self, ending: Event) -> None:
        known = facts()
        while not ending.wait(LOOK_EVERY):
            count = facts()
            if count != known:
                known = count
                self.steps.append((time.monotonic(), count))


@contextmanager
def _aside(work: Any) -> Iterator[None]:
    """Do it in a thread that is told when the block is over."""
    ending = Event()

    def run() -> None:
        try:
            work(ending)
        finally:
            connection.close()

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def facts() -> int:
    """Facts that runs have heard so far, those of the batch under way included."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS)
        return int(cursor.fetchone()[0])


@dataclass
class Hearing:
    """One measurement of plays that hear; the figures of the last line are in `figures`."""

    form: Form
    site: Site
    market: Market
    workers: int
    till: Till = field(default_factory=Till)
    proof: Proof = field(default_factory=Proof)
    figures: dict[str, Any] = field(default_factory=dict)

    def start_plays(self) -> None:
        sku_ids = _sku_ids()
        for code in LIVE:
            names = _names(catalogue.plays()[code])
            goods = dict(zip(names, itertools.cycle(sku_ids), strict=False))
            plan = NewCampaign(point_ids=tuple(self.market.point_ids), goods=goods, channel=Channel.BARE_CHAT.value)
            start_play(SYSTEM, province_id=PROVINCE, code=code, plan=plan)

    def measure(self) -> None:
        with self.site.phones_pay(), self.site.web(self.workers):
            loads = Loads(self.site, self.market, self.proof)
            with self.site.worker():
                loads.warm_up()
                loads.catch_up()
            self.start_plays()
            self._measure_applied(loads)
            with self.site.worker():
                loads.catch_up()
                self._measure_intake(loads)
        self.figures["facts"] = self._prove()

    def _measure_applied(self, loads: Loads) -> None:
        rates = []
        for number in range(1, self.form.applied_rounds + 1):
            with out.status(f"facts applied, round {number} of {self.form.applied_rounds}"):
                rates.append(round(self._applied(loads), 1))
            out.print(f"  round {number}: {rates[-1]:,.0f} facts/s, orders at {FLOW_PER_S:.0f}/s meanwhile")
        self.figures |= {"applied_per_s": median(rates), "applied_rounds": rates, "flow_per_s": FLOW_PER_S}

    def _applied(self, loads: Loads) -> float:
        """Orders are placed and paid while nobody hears; then the worker comes, and more are placed meanwhile."""
        taken, pace, before = self.till.take(self.form.backlog), Pace(), facts()
        while taken < self.form.backlog:
            loads.spread("backlog", 1.0)
            taken += self.till.take(self.form.backlog - taken)
        with self.site.worker():
            with _aside(pace.watch):
                loads.at_rate(FLOW_PER_S, self.form.applied_s)
            loads.catch_up()
        self.figures["facts_per_order"] = round((facts() - before) / taken, 2)
        return pace.per_s() if len(pace.steps) > 1 else 0.0

    def _measure_intake(self, loads: Loads) -> None:
        """Pairs of loads that follow each other, the one with plays first in every second pair."""
        pairs, heard = [], []
        for number in range(1, self.form.pairs + 1):
            found = {}
            for with_plays in (True, False) if number % 2 else (False, True):
                what = "with plays" if with_plays else "without plays"
                before = facts()
                with out.status(f"orders {what}, pair {number} of {self.form.pairs}"), _live(with_plays):
                    found[with_plays] = self._accepted(loads, what)
                    if with_plays:
                        heard.append((facts() - before) / self.form.load_s)
                    loads.catch_up()
            pairs.append((found[True], found[False]))
            out.print(f"  pair {number}: {found[True]:,.0f} with, {found[False]:,.0f} without")
        self.figures |= {
            "intake_ratio": round(median(with_plays / without for with_plays, without in pairs), 3),
            "intake_pairs": pairs,
            "intake_with_per_s": median(pair[0] for pair in pairs),
            "intake_without_per_s": median(pair[1] for pair in pairs),
            "paid_per_s": PAID_PER_S,
            "heard_per_s_meanwhile": round(median(heard), 1),
        }

    def _accepted(self, loads: Loads, what: str) -> float:
        with self.till.open(PAID_PER_S):
            return loads.spread(what, self.form.load_s).successes_per_s

    def _prove(self) -> int:
        """The facts; and whether budgets hold what was given."""
        with connection.cursor() as cursor:
            cursor.execute(_BUDGETS_OFF, {"province": PROVINCE})
            if off := cursor.fetchone()[0]:
                self.proof.problems.append(f"{off} budgets hold something else than what was given of them")
            cursor.execute("SELECT count(*) FROM kernel_parkedevent")
            if parked := cursor.fetchone()[0]:
                self.proof.problems.append(f"{parked} events were parked")
            cursor.execute("SELECT count(*) FROM plays_heard WHERE province_id = %s", [PROVINCE])
            return int(cursor.fetchone()[0])


@contextmanager
def _live(is_live: bool) -> Iterator[None]:
    """Without plays those that were started are out of sight, not over: nothing of them is to be ended meanwhile."""
    _set_state("live" if is_live else "stopped")
    try:
        yield
    finally:
        _set_state("live")


def _set_state(state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE plays_campaign SET state = %s WHERE province_id = %s", [state, PROVINCE])


def _names(play: Definition) -> list[str]:
    """The goods that a play names."""
    collected = play.progress.of if isinstance(play.progress, Collect) else ()
    return [*collected, *(reward.sku for reward in play.rewards if isinstance(reward, Goods))]


def _sku_ids() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sku_id FROM pricing_offer WHERE province_id = %s ORDER BY id LIMIT 100", [PROVINCE])
        return [row[0] for row in cursor.fetchall()]


def hear(site: Site, form: Form, workers: int) -> dict[str, Any]:
    """Measure what a database is needed for; the figures by their names."""
    with out.status("filling the market"):
        market = open_market(site.address, members=form.members, scarce_units=1_000)
    connection.close()
    out.print(
        f"{form.members:,} members, {len(market.points)} pickup points; {len(LIVE)} live plays: {', '.join(LIVE)}"
    )
    own = Hearing(form, site, market, workers)
    own.measure()
    for problem in own.proof.problems:
        out.print(f"[red]{problem}[/]")
    return own.figures | {"orders_proved": own.proof.orders, "invariants_ok": not own.proof.problems}
