"""A real installation with a small province in it, and its clock in our hands."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from . import province
from .phones import Network, Phone, fresh_numbers, until
from .province import EVENING, GOODS, POINTS, PROVINCE, SUPPLIERS

ZONE = ZoneInfo("Asia/Shanghai")
LAST_DUTY = "settlement.compare_bills"


@dataclass
class Town:
    """The people and places of the province; everybody reaches the site through its public API."""

    network: Network
    staff: Phone
    points: Mapping[str, str]
    evenings: list[Evening] = field(default_factory=list, repr=False)

    @classmethod
    def open(cls, network: Network, staff_phone: str) -> Town:
        staff = Phone(network, staff_phone).sign_in("staff")
        tomorrow = _local(staff.get("/rehearsal/clock")["at"]).date() + timedelta(days=1)
        return cls(network, staff, province.enter(staff, tomorrow))

    def neighbour(self) -> Phone:
        """Somebody new, signed in."""
        return Phone(self.network, next(fresh_numbers)).sign_in("member", PROVINCE)

    @cached_property
    def leaders(self) -> Mapping[str, Phone]:
        """By the code of their point."""
        return {code: Phone(self.network, phone).sign_in("leader", PROVINCE) for code, phone, *_ in POINTS}

    @cached_property
    def suppliers(self) -> Mapping[str, Phone]:
        return {code: Phone(self.network, phone).sign_in("supplier", PROVINCE) for code, phone, _ in SUPPLIERS}

    def now(self) -> datetime:
        """Business time, in the province's zone."""
        return _local(self.staff.get("/rehearsal/clock")["at"])

    def move_to(self, moment: datetime) -> None:
        self.staff.post("/rehearsal/clock", {"at": moment.isoformat()})

    def evening(self) -> Evening:
        """Tonight, while there is time left to order; else the next one."""
        now = self.now()
        is_on = self.evenings and now.date() == self.evenings[-1].sale_on and now.hour < 22
        return self.evenings[-1] if is_on else self.next_evening()

    def next_evening(self) -> Evening:
        """An evening on which nobody has ordered yet, with its offers on the shelf."""
        sale_on = self.now().date() + timedelta(days=1)
        self.move_to(at(sale_on, EVENING))
        self.staff.post("/offers", province.offers(sale_on, *GOODS))
        self.evenings.append(Evening(self, sale_on))
        # Whoever looks after this sees them.
        self.evenings[-1].left()
        return self.evenings[-1]

    def await_duties(self, sale_on: date, *names: str) -> None:
        """Until these steps of the night are done and all is quiet."""

        def missing() -> set[str]:
            return set(names) - {run["duty"] for run in self._board(sale_on)["duties"] if run["state"] == "done"}

        until(missing, is_so=_nothing)
        until(self.unrest, is_so=_nothing)

    def unrest(self) -> dict[str, object]:
        """What still goes on: jobs, then callbacks on their way, then events that consumers have not read."""
        today = self.now().date()
        jobs = self._board(today)["jobs_waiting"]
        callbacks = self.network.line.get(f"{self.network.stand_ins}/wechatpay/callbacks").json()["waiting"]
        events = self._board(today)["waiting"]
        found = {"jobs": jobs, "callbacks": callbacks, **events}
        return {name: count for name, count in found.items() if count}

    def expect_faults(self, *modes: object) -> None:
        """What shall go wrong with the payment service's next callbacks; none of earlier ones is on its way then."""
        until(self.unrest, is_so=_nothing)
        address = f"{self.network.stand_ins}/wechatpay/faults"
        self.network.line.post(address, json={"modes": modes}).raise_for_status()

    def _board(self, sale_on: date) -> Mapping[str, Any]:
        shown: Mapping[str, Any] = self.staff.get("/rehearsal/board", province_id=PROVINCE, sale_on=sale_on)
        return shown

    def finish(self) -> None:
        """Let every evening there was come to its end: collected or not, booked, stated and reconciled."""
        self.move_to(at(self.evenings[-1].sale_on, "04:00", 5))
        for evening in self.evenings:
            self.await_duties(evening.sale_on, LAST_DUTY)

    def proof(self, sale_on: date) -> Mapping[str, Any]:
        shown: Mapping[str, Any] = self.staff.get(f"/settlement/days/{sale_on}/proof", province_id=PROVINCE)
        return shown


@dataclass(frozen=True)
class Evening:
    """One sale day while it takes orders."""

    town: Town
    sale_on: date

    def shelf(self, point: str = "P1") -> Mapping[str, Mapping[str, Any]]:
        """The offers at a point by SKU, as anybody sees them now."""
        return {offer["sku_code"]: offer for offer in self._shelf(point).json()["offers"]}

    def left(self) -> Mapping[str, int]:
        """Units still to be had, by SKU: not as the shelf was a second ago, but as it is read from now on."""
        asked_at = _local(self._shelf("P1").headers["Lintuan-Now"])
        shelf = until(lambda: self._shelf("P1"), is_so=lambda seen: _local(seen.headers["Lintuan-As-Of"]) >= asked_at)
        return {offer["sku_code"]: offer["left"] for offer in shelf.json()["offers"]}

    def _shelf(self, point: str) -> httpx.Response:
        return Phone(self.town.network).ask("GET", f"/points/{self.town.points[point]}/shelf")

    def lines(self, **units: int) -> list[dict[str, Any]]:
        """Lines at the prices on the shelf: `lines(greens=2, eggs=1)`."""
        shelf = self.shelf()
        wanted = ((shelf[f"J-{name.upper()}"], quantity) for name, quantity in units.items())
        return [
            {"offer": offer["id"], "quantity": quantity, "price_fen": offer["price_fen"]} for offer, quantity in wanted
        ]

    def basket(self, point: str = "P1", **units: int) -> dict[str, Any]:
        """The body of an order."""
        return {"point": self.town.points[point], "lines": self.lines(**units)}

    def order(self, member: Phone, point: str = "P1", **units: int) -> dict[str, Any]:
        placed: dict[str, Any] = member.post("/orders", self.basket(point, **units))
        return placed

    def pay(self, member: Phone, order: Mapping[str, Any]) -> dict[str, Any]:
        """The order once the payment service has told that it is paid."""
        member.press_pay(member.post(f"/orders/{order['id']}/pay"))
        return self.await_state(member, order, "paid")

    def await_state(self, member: Phone, order: Mapping[str, Any], state: str) -> dict[str, Any]:
        def look() -> dict[str, Any]:
            now: dict[str, Any] = member.get(f"/orders/{order['id']}")
            return now if now["state"] == state else {}

        return until(look)


def at(sale_on: date, clock_face: str, days: int = 0) -> datetime:
    """A moment of a sale day: `at(sale_on, "03:30", 1)` is in its night."""
    hour, minute = map(int, clock_face.split(":"))
    day = sale_on + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def _nothing(found: Sized) -> bool:
    return not found


def _local(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(ZONE)
