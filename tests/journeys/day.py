"""The people of one sale day, and what staff, suppliers and drivers do in its night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from .phones import Phone, until
from .province import PROVINCE
from .town import Evening, Town, at

Order = dict[str, Any]


@dataclass
class Day:
    """The people of the day and what they ordered, by name."""

    town: Town
    evening: Evening
    people: dict[str, Phone] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)

    def orders_of(self, name: str, point: str, **units: int) -> None:
        """Somebody new orders."""
        self.people[name] = self.town.neighbour()
        self.orders[name] = self.evening.order(self.people[name], point, **units)

    def pays(self, name: str) -> None:
        self.orders[name] = self.evening.pay(self.people[name], self.orders[name])

    def order(self, name: str) -> Order:
        """As it is now."""
        now: Order = self.people[name].get(f"/orders/{self.orders[name]['id']}")
        return now

    def due(self, name: str) -> dict[str, int]:
        """Units still to be collected, by SKU."""
        return {line["sku_code"]: line["due"] for line in self.order(name)["lines"] if line["due"]}

    def await_refund(self, name: str, fen: int) -> None:
        """Until ordering and the payment service agree that so much has gone back."""
        charge = f"/charges/{self.orders[name]['charge']}"
        until(lambda: self.people[name].get(charge)["refunded_fen"] == fen)
        assert self.order(name)["refunded_fen"] == fen

    def go_to(self, clock_face: str, days: int = 0, *duties: str) -> None:
        """Move on to a moment of this sale day and see its duties done."""
        self.town.move_to(at(self.evening.sale_on, clock_face, days))
        self.town.await_duties(self.evening.sale_on, *duties)


def bring_goods(day: Day) -> None:
    """A night in which all goes well: at its end the vans have been at the points and leaders can sign."""
    day.go_to("23:05", 0, "ordering.close_day", "sourcing.make_purchase_orders")
    for supplier in day.town.suppliers:
        for order in purchase_orders(day, supplier, "main"):
            confirm(day, supplier, {line["sku_code"]: line["ordered"] for line in order["lines"]})
    day.go_to("23:45", 0, "sourcing.close_confirmations")
    receive(day)
    day.go_to("03:30", 1, "sourcing.close_receipts", "fulfilment.plan_sorting")
    sort(day, level=1)
    day.go_to("04:30", 1, "fulfilment.close_sorting")
    sort(day, level=2)
    day.go_to("05:30", 1, "fulfilment.close_grid_sorting")
    day.go_to("06:00", 1, "fulfilment.plan_routes")
    drive(day)


def purchase_orders(day: Day, supplier: str, kind: str) -> list[Mapping[str, Any]]:
    found = day.town.suppliers[supplier].get("/supplier/purchase-orders", sale_on=day.evening.sale_on)
    return [order for order in found["purchase_orders"] if order["kind"] == kind]


def confirm(day: Day, supplier: str, units: Mapping[str, int]) -> None:
    (order,) = purchase_orders(day, supplier, "main")
    lines = [{"line": line["id"], "quantity": units.get(line["sku_code"], 0)} for line in order["lines"]]
    day.town.suppliers[supplier].post(f"/supplier/purchase-orders/{order['id']}/confirm", {"lines": lines})


def receive(day: Day) -> int:
    """Everything that was promised arrives; answers from how many purchase orders."""
    orders = day.town.staff.get("/purchase-orders", province_id=PROVINCE, sale_on=day.evening.sale_on)
    for order in orders["purchase_orders"]:
        lots = [lot(day, line) for line in order["lines"] if line["confirmed"]]
        day.town.staff.post(f"/purchase-orders/{order['id']}/receipts", {"lots": lots})
    return len(orders["purchase_orders"])


def lot(day: Day, line: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that was promised comes, with its papers."""
    return {
        "line": line["id"], "quantity": line["confirmed"], "code": f"L-{line['sku_code']}",
        "certificate": f"HG-{line['sku_code']}", "expires_on": (day.evening.sale_on + timedelta(days=4)).isoformat(),
    }  # fmt: skip


def sort(day: Day, level: int) -> dict[tuple[str, str], int]:
    """Report every task of a level as planned; answers the units by where they go and SKU."""
    sorter = day.town.staff
    tasks = sorter.get("/sorting", province_id=PROVINCE, sale_on=day.evening.sale_on, level=level)["tasks"]
    reports = [{"task": task["id"], "quantity": task["planned"]} for task in tasks]
    sorter.post("/sorting/reports", {"province_id": PROVINCE, "reports": reports})
    return {(task["to"], task["sku_code"]): task["planned"] for task in tasks}


def drive(day: Day) -> Mapping[str, Any]:
    """The van leaves and brings everything; answers its route."""
    driver = day.town.staff
    (route,) = driver.get("/routes", province_id=PROVINCE, sale_on=day.evening.sale_on)["routes"]
    driver.post(f"/routes/{route['id']}/depart")
    for stop in route["stops"]:
        driver.post(f"/stops/{stop['id']}/deliver")
    found: Mapping[str, Any] = route
    return found


def sign(day: Day, point: str, *discrepancies: Mapping[str, Any]) -> None:
    leader = day.town.leaders[point]
    (drop,) = leader.get("/leader/drops", sale_on=day.evening.sale_on)["drops"]
    leader.post(f"/leader/drops/{drop['id']}/sign", {"discrepancies": list(discrepancies)})
