"""One day of a small province, from the first order to the proof that nothing was lost."""

from __future__ import annotations

from collections.abc import Mapping

from .day import Day, confirm, drive, purchase_orders, receive, sign, sort
from .phones import until
from .province import PROVINCE
from .town import Town


def test_a_day_from_the_first_order_to_the_proof(town: Town) -> None:
    day = Day(town, town.next_evening())

    neighbours_order_and_pay(day)
    one_changes_her_mind_and_one_gives_up(day)
    one_never_pays(day)
    the_evening_is_cut_off_and_goods_are_asked_for(day)
    a_supplier_is_short_of_two_things(day)
    goods_are_received(day)
    goods_are_sorted(day)
    vans_bring_them(day)
    leaders_sign_and_one_finds_a_damaged_unit(day)
    neighbours_collect_by_code(day)
    one_complains(day)
    one_never_comes(day)
    the_day_is_settled(day)
    nothing_was_lost(day)


def neighbours_order_and_pay(day: Day) -> None:
    day.orders_of("Ann", "P1", greens=3, eggs=2)
    day.orders_of("Bob", "P1", rice=2)
    day.orders_of("Cai", "P2", pears=1)
    day.orders_of("Dan", "P1", eggs=4, fish=1)
    day.orders_of("Eve", "P2", greens=2, pears=3)
    day.orders_of("Fay", "P2", rice=1)
    day.orders_of("Gus", "P3", tofu=2)
    with_tofu = {"lines": day.evening.lines(greens=3, eggs=2, tofu=1)}

    repriced = day.people["Ann"].put(f"/orders/{day.orders['Ann']['id']}/lines", with_tofu)
    for name in ("Ann", "Bob", "Dan", "Eve", "Fay", "Gus"):
        day.pays(name)

    assert repriced["amount_fen"] == 3 * 258 + 2 * 1280 + 350
    assert {name: order["amount_fen"] for name, order in day.orders.items() if order["state"] == "paid"} == {
        "Ann": 3684, "Bob": 9980, "Dan": 7800, "Eve": 3213, "Fay": 4990, "Gus": 700,
    }  # fmt: skip
    assert_left(day, {"GREENS": 995, "EGGS": 994, "TOFU": 997, "RICE": 997, "PEARS": 996, "FISH": 1})


def one_changes_her_mind_and_one_gives_up(day: Day) -> None:
    less = {"lines": day.evening.lines(greens=2, eggs=2, tofu=1)}

    day.people["Ann"].put(f"/orders/{day.orders['Ann']['id']}/lines", less)
    day.people["Bob"].post(f"/orders/{day.orders['Bob']['id']}/cancel")

    day.await_refund("Ann", 258)
    day.await_refund("Bob", 9980)
    assert (day.order("Ann")["state"], day.order("Bob")["state"]) == ("paid", "cancelled")
    assert_left(day, {"GREENS": 996, "EGGS": 994, "TOFU": 997, "RICE": 999, "PEARS": 996, "FISH": 1})


def one_never_pays(day: Day) -> None:
    day.go_to("20:20")

    day.evening.await_state(day.people["Cai"], day.orders["Cai"], "expired")

    until(lambda: left(day)["PEARS"], lambda units: units == 997)
    assert day.people["Cai"].get(f"/charges/{day.orders['Cai']['charge']}")["state"] == "closed"


def the_evening_is_cut_off_and_goods_are_asked_for(day: Day) -> None:
    day.go_to("23:05", 0, "ordering.close_day", "sourcing.make_purchase_orders")

    assert asked(day, "S1") == {"J-GREENS": 4, "J-EGGS": 6, "J-TOFU": 5}
    assert asked(day, "S2") == {"J-RICE": 2, "J-PEARS": 3, "J-FISH": 1}


def a_supplier_is_short_of_two_things(day: Day) -> None:
    """Of eggs, which nobody else sells us, and of tofu, which the second supplier is then asked for."""
    confirm(day, "S1", {"J-GREENS": 4, "J-EGGS": 4})
    confirm(day, "S2", {"J-RICE": 2, "J-PEARS": 3, "J-FISH": 1})

    day.go_to("23:45", 0, "sourcing.close_confirmations")

    assert asked(day, "S2", "second") == {"J-TOFU": 3}
    # Ann paid before Dan, so what there is of eggs is hers first.
    assert (day.due("Ann")["J-EGGS"], day.due("Dan")["J-EGGS"]) == (2, 2)
    day.await_refund("Dan", 2 * 1280)


def goods_are_received(day: Day) -> None:
    receipts = receive(day)

    day.go_to("03:30", 1, "sourcing.close_receipts", "fulfilment.plan_sorting")

    assert receipts == 3
    assert day.due("Gus") == {"J-TOFU": 2}


def goods_are_sorted(day: Day) -> None:
    to_grid = sort(day, level=1)
    day.go_to("04:30", 1, "fulfilment.close_sorting")
    to_points = sort(day, level=2)
    day.go_to("05:30", 1, "fulfilment.close_grid_sorting")

    assert to_grid == {
        ("G", "J-GREENS"): 4, ("G", "J-EGGS"): 4, ("G", "J-TOFU"): 3, ("G", "J-RICE"): 1, ("G", "J-PEARS"): 3,
        ("G", "J-FISH"): 1,
    }  # fmt: skip
    assert to_points == {
        ("P1", "J-GREENS"): 2, ("P1", "J-EGGS"): 4, ("P1", "J-TOFU"): 1, ("P1", "J-FISH"): 1,
        ("P2", "J-GREENS"): 2, ("P2", "J-PEARS"): 3, ("P2", "J-RICE"): 1, ("P3", "J-TOFU"): 2,
    }  # fmt: skip


def vans_bring_them(day: Day) -> None:
    day.go_to("06:00", 1, "fulfilment.plan_routes")

    route = drive(day)

    assert {stop["point_code"]: stop["units"] for stop in route["stops"]} == {"P1": 8, "P2": 6, "P3": 2}
    assert route["distance_m"] > 0


def leaders_sign_and_one_finds_a_damaged_unit(day: Day) -> None:
    day.go_to("15:00", 1)

    sign(day, "P1")
    sign(day, "P2", {"sku_code": "J-PEARS", "damaged": 1})
    sign(day, "P3")

    assert day.due("Eve") == {"J-GREENS": 2, "J-PEARS": 2}
    day.await_refund("Eve", 899)


def neighbours_collect_by_code(day: Day) -> None:
    day.go_to("16:30", 1)

    for name, point in (("Ann", "P1"), ("Dan", "P1"), ("Eve", "P2"), ("Gus", "P3")):
        (pickup,) = day.people[name].get("/me/pickups")["pickups"]
        day.town.leaders[point].post("/leader/pickups/collect", {"code": pickup["code"]})
        day.evening.await_state(day.people[name], day.orders[name], "collected")

    waiting = day.town.leaders["P2"].get("/leader/pickups", sale_on=day.evening.sale_on)["pickups"]
    assert sorted(pickup["state"] for pickup in waiting) == ["collected", "waiting"]


def one_complains(day: Day) -> None:
    (line,) = day.order("Gus")["lines"]
    complaint = {"order": day.orders["Gus"]["id"], "line": line["id"], "cause": "quality", "quantity": 1}

    claim = day.people["Gus"].post("/me/claims", complaint)

    assert (claim["state"], claim["fault"], claim["amount_fen"]) == ("granted", "supplier", 350)
    day.await_refund("Gus", 350)


def one_never_comes(day: Day) -> None:
    day.go_to("21:00", 3, "fulfilment.close_unclaimed")

    assert day.order("Fay")["state"] == "unclaimed"
    assert day.order("Fay")["refunded_fen"] == 0


def the_day_is_settled(day: Day) -> None:
    day.go_to("04:00", 5, "settlement.book_commission", "settlement.make_statements", "settlement.compare_bills")

    assert {point: commission(day, point) for point in ("P1", "P2", "P3")} == {
        # 8 % of each order by itself: 34.26 and 52.40; 23.14, and nothing for what nobody fetched; 3.50.
        "P1": (0, 274 + 419), "P2": (0, 185), "P3": (0, 28),
    }  # fmt: skip
    assert statement(day, "S1") == (4 * 200 + 4 * 1000, 0)
    assert statement(day, "S2") == (2 * 4000 + 3 * 700 + 2100 + 3 * 250, 350)


def nothing_was_lost(day: Day) -> None:
    proof = day.town.proof(day.evening.sale_on)
    balance = day.town.staff.get("/settlement/trial-balance", province_id=PROVINCE)
    cases = day.town.staff.get("/settlement/cases", province_id=PROVINCE, sale_on=day.evening.sale_on)

    assert [one for one in proof["invariants"] if not one["holds"]] == []
    assert (proof["is_over"], proof["holds"]) == (True, True)
    assert {one["topic"] for one in proof["invariants"]} == {"stock", "money", "goods", "orders", "events"}
    assert balance["debit_fen"] == balance["credit_fen"] > 0
    assert balance["unsound_journals"] == 0
    assert cases == []
    bills_agree(day)


def bills_agree(day: Day) -> None:
    """What the gateway wrote on its bills is what orders and books tell, and nothing waits for a person."""
    days = day.town.staff.get("/settlement/bill-days", province_id=PROVINCE)
    files = day.town.staff.get("/settlement/case-files", province_id=PROVINCE)

    assert files == []
    assert sum(one["bill_fen"] for one in days) == sum(one["orders_fen"] for one in days) > 0
    assert sum(one["books_fen"] for one in days) == sum(one["bill_fen"] for one in days)
    assert sum(one["payments"] for one in days) >= 6
    assert sum(one["fees_fen"] for one in days) > 0


def assert_left(day: Day, units: Mapping[str, int]) -> None:
    """What the shelf shows as soon as it was read again after the last order."""
    assert until(lambda: left(day), lambda found: found == units)


def left(day: Day) -> dict[str, int]:
    return {sku.removeprefix("J-"): units for sku, units in day.evening.left().items()}


def asked(day: Day, supplier: str, kind: str = "main") -> dict[str, int]:
    (order,) = purchase_orders(day, supplier, kind)
    return {line["sku_code"]: line["ordered"] for line in order["lines"]}


def commission(day: Day, point: str) -> tuple[int, int]:
    """What the leader of a point is still to get for this day, and what is booked."""
    days = day.town.leaders[point].get("/leader/commission")["days"]
    (own,) = [one for one in days if one["sale_on"] == day.evening.sale_on.isoformat()]
    return own["pending_fen"], own["booked_fen"]


def statement(day: Day, supplier: str) -> tuple[int, int]:
    """What the supplier's goods of this day come to, and what it bears of claims."""
    statements = day.town.suppliers[supplier].get("/supplier/statements")
    (own,) = [one for one in statements if one["sale_on"] == day.evening.sale_on.isoformat()]
    assert own["total_fen"] == own["goods_fen"] - abs(own["deductions_fen"])
    return own["goods_fen"], abs(own["deductions_fen"])
