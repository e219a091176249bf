"""Plays among neighbours: begun by leaders and staff, heard with real orders, and paid through the payment service."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.documented import draw_checker

from .day import Day, bring_goods, sign
from .phones import Phone, until
from .province import PROVINCE
from .town import Evening, Town, at

Document = dict[str, Any]

#: Eggs at 12.80 for 85 %.
LESS = 192
#: By the place in the wheel's table: what is given, and what it is worth.
PRIZES = {0: ("goods", 600), 1: ("coupon", 200), 2: ("coupon", 100), 3: ("chance", 0)}
BIRDS_POT = 2000


def test_a_group_that_fills_pays_everybody_the_difference(town: Town) -> None:
    day = Day(town, town.next_evening())
    play = leader_starts(day.evening, "neighbours-group", "eggs")
    run = opens(day, "Ann", play["id"])
    for name, units in (("Ann", {"eggs": 1}), ("Bob", {"eggs": 1, "tofu": 2}), ("Cai", {"eggs": 1})):
        joins(day, name, run, **units)
    quiet(town)
    assert [paid_back(day, name) for name in day.orders] == [0, 0, 0], "nobody is paid before the group is over"

    ends(day, "22:56", run, "over")

    for name in day.orders:
        await_paid_back(day, name, LESS)
    assert {name: (one["to_pay_fen"], one["saved_fen"]) for name in day.orders for one in [day.order(name)]} == {
        "Ann": (1280, LESS), "Bob": (1980, LESS), "Cai": (1280, LESS),
    }  # fmt: skip
    assert [given["spent_fen"] for given in standing(town, play)["given"]] == [3 * LESS]
    leader_stops(town, play)
    the_day_goes_to_its_proof(day)


def test_a_group_that_does_not_fill_is_paid_back_whole(town: Town) -> None:
    day = Day(town, town.next_evening())
    play = leader_starts(day.evening, "neighbours-group", "eggs")
    run = opens(day, "Ann", play["id"])
    joins(day, "Ann", run, eggs=1)
    joins(day, "Bob", run, eggs=2, greens=1)
    day.go_to("22:50")
    day.people["Cai"] = town.neighbour()
    day.orders["Cai"] = day.people["Cai"].post("/orders", in_run(day.evening, run, eggs=1))

    ends(day, "22:56", run, "unfilled")
    day.people["Cai"].press_pay(day.people["Cai"].post(f"/orders/{day.orders['Cai']['id']}/pay"))

    for name, fen in (("Ann", 1280), ("Bob", 2818), ("Cai", 1280)):
        day.evening.await_state(day.people[name], day.orders[name], "cancelled")
        await_paid_back(day, name, fen)
        assert day.order(name)["saved_fen"] == 0
    assert town.now() < at(day.evening.sale_on, "23:00"), "before anything is bought for it"
    assert standing(town, play)["promised_fen"] == 0
    assert day.people["Bob"].refused("POST", "/orders", in_run(day.evening, run, eggs=1)).code == "run_closed"
    leader_stops(town, play)


def test_who_leaves_a_group_that_filled_leaves_the_others_their_price(town: Town) -> None:
    day = Day(town, town.next_evening())
    play = leader_starts(day.evening, "neighbours-group", "eggs")
    run = opens(day, "Ann", play["id"])
    for name in ("Ann", "Bob", "Cai", "Dan"):
        joins(day, name, run, eggs=1)
    quiet(town)

    leaves(day, "Dan")
    ends(day, "22:56", run, "over")
    for name in ("Ann", "Bob", "Cai"):
        await_paid_back(day, name, LESS)
    leaves(day, "Cai")
    quiet(town)

    assert {name: paid_back(day, name) for name in day.orders} == {"Ann": LESS, "Bob": LESS, "Cai": 1280, "Dan": 1280}
    assert {name: day.order(name)["state"] for name in ("Ann", "Bob")} == {"Ann": "paid", "Bob": "paid"}
    assert [grant["state"] for name in ("Ann", "Bob") for grant in grants(day.people[name], play["id"])] == [
        "used",
        "used",
    ]
    leader_stops(town, play)


def test_anybody_computes_after_a_week_what_the_wheel_gave(town: Town) -> None:
    day = Day(town, town.next_evening())
    monday = next_monday(town.now())
    eggs = day.evening.shelf()["J-EGGS"]["id"]
    wish = {"province_id": PROVINCE, "goods": {"eggs-6": eggs}, "until": monday.isoformat()}
    play = town.staff.post("/plays/lucky-wheel/start", wish)
    names = ("Ann", "Bob", "Cai", "Dan", "Eve", "Fay")
    for name in names:
        day.orders_of(name, "P1", eggs=2)
        day.pays(name)
        # The log has tickets in the order in which they were earned.
        quiet(town)
    won = [[(one["kind"], one["worth_fen"]) for one in grants(day.people[name], play["id"])] for name in names]
    run = round_of(day.evening, play["id"])
    before = town.neighbour().get(f"/runs/{run['id']}/log")
    assert (before["run"]["seed"], before["tickets"]) == ("", [])

    bring_goods(day)
    town.move_to(monday + timedelta(minutes=1))
    await_run(town, run["id"], "over")

    log = saved_log(town.neighbour(), run["id"])
    computed = draw_checker()(log)
    assert (len(log["tickets"]), log["run"]["commitment"]) == (len(names), before["run"]["commitment"])
    assert {ticket["name"]: ticket["prize"] for ticket in log["tickets"] if ticket["prize"] is not None} == computed
    drawn = [computed.get(ticket["name"]) for ticket in log["tickets"]]
    assert won == [[] if prize is None else [PRIZES[prize]] for prize in drawn]


def test_the_early_birds_pot_pays_the_next_order(town: Town) -> None:
    monday = next_monday(town.now())
    birds, late = (chooses_p1(town), chooses_p1(town)), chooses_p1(town)
    town.move_to(monday + timedelta(hours=7))
    play = leader_starts(Evening(town, monday.date()), "early-bird")
    for days in range(5):
        town.move_to(monday + timedelta(days=days, hours=7, minutes=30))
        for bird in birds:
            bird.post(f"/plays/{play['id']}/deeds/check-in")
    town.move_to(monday + timedelta(days=4, hours=8, minutes=30))
    assert late.refused("POST", f"/plays/{play['id']}/deeds/check-in").code == "not_counted"
    town.move_to(monday + timedelta(days=7, minutes=1))
    shares = [until(lambda bird=bird: grants(bird, play["id"])) for bird in birds]
    leader_stops(town, play)
    assert [[(one["state"], one["worth_fen"]) for one in mine] for mine in shares] == [[("given", BIRDS_POT // 2)]] * 2
    assert grants(late, play["id"]) == []

    day, bird = Day(town, town.next_evening()), birds[0]
    wish = day.evening.basket(rice=1, eggs=1)
    quote = bird.post("/quotes", {"point": wish["point"], "lines": [without_price(line) for line in wish["lines"]]})
    assert [(step["name"], step["campaign"], step["amount_fen"]) for step in quote["steps"] if step["campaign"]] == [
        ("credit", play["id"], -1000)
    ]
    assert (quote["saved_fen"], quote["to_pay_fen"]) == (1000, 5270)
    assert bird.refused("POST", "/orders", wish | {"saved_fen": 999}).facts["saved_fen"] == 1000
    day.people["bird"], order = bird, bird.post("/orders", wish | {"saved_fen": quote["saved_fen"]})
    day.orders["bird"] = order = day.evening.pay(bird, order)

    assert (order["amount_fen"], order["saved_fen"], order["to_pay_fen"]) == (6270, 1000, 5270)
    assert bird.get(f"/charges/{order['charge']}")["amount_fen"] == 5270
    assert [(one["state"], one["spent_fen"]) for one in grants(bird, play["id"])] == [("used", 1000)]
    the_day_goes_to_its_proof(day)


def test_a_banned_play_is_refused_with_a_lawful_one_that_starts(town: Town) -> None:
    evening, leader = town.evening(), town.leaders["P1"]
    wish = {"point": town.points["P1"], "channel": "wechat_group"}

    checked = leader.post("/leader/plays/help-for-coupon/check", wish)
    refused = leader.refused("POST", "/leader/plays/help-for-coupon/start", wish)
    started = leader.post(f"/leader/plays/{refused.facts['rewrite']}/start", wish)

    assert (checked["may_start"], checked["findings"][0]["severity"]) == (False, "refuse")
    assert (refused.code, started["code"], started["state"]) == ("play_refused", "counter-help", "live")
    assert refused.facts["findings"][0]["law"]
    assert started["id"] in {one["id"] for one in running(evening)}
    leader_stops(town, started)


def test_a_leader_begins_a_play_sees_what_it_does_and_stops_it(town: Town) -> None:
    day, leader = Day(town, town.next_evening()), town.leaders["P1"]
    wish = {"point": town.points["P1"], "channel": "wechat_group"}
    verdict = leader.post("/leader/plays/spend-and-save/check", wish)
    rehearsal = leader.post("/leader/plays/spend-and-save/rehearse", wish)
    assert verdict["may_start"]
    assert bool(rehearsal["outcome"]) == rehearsal["known"] != bool(rehearsal["reason"])

    play = leader_starts(day.evening, "spend-and-save")
    day.orders_of("Ann", "P1", eggs=3)
    day.orders_of("Bob", "P1", rice=1, eggs=1)
    day.orders_of("Cai", "P2", eggs=3)
    for name in day.orders:
        day.pays(name)
    quiet(town)

    now = standing(town, play)
    assert (now["state"], now["orders"], now["people"], now["sold_fen"]) == ("live", 2, 2, 3840 + 6270)
    assert now["promised_fen"] == sum(one["promised_fen"] for one in now["given"]) == 200 + 400
    assert {one["kind"]: one["spent"] for one in now["budgets"]} == {"play": 600, "day": 600}
    assert {name: paid_back(day, name) for name in day.orders} == {"Ann": 200, "Bob": 400, "Cai": 0}

    leader_stops(town, play)
    assert play["id"] not in {one["id"] for one in running(day.evening)}
    day.orders_of("Dan", "P1", eggs=3)
    day.pays("Dan")
    quiet(town)
    after = standing(town, play)
    assert (after["state"], after["orders"], after["spent_fen"], paid_back(day, "Dan")) == ("stopped", 2, 600, 0)


def leader_starts(evening: Evening, code: str, *goods: str, point: str = "P1") -> Document:
    """The leader of a point starts a play about these of tonight's goods (none: all of them)."""
    shelf = evening.shelf(point) if goods else {}
    wish = {"point": evening.town.points[point], "about": [shelf[f"J-{name.upper()}"]["id"] for name in goods]}
    started: Document = evening.town.leaders[point].post(f"/leader/plays/{code}/start", wish)
    return started


def leader_stops(town: Town, play: Document) -> None:
    """The evenings of others shall not have it."""
    assert town.leaders["P1"].post(f"/leader/campaigns/{play['id']}/stop")["state"] == "stopped"


def standing(town: Town, play: Document) -> Document:
    shown: Document = town.leaders["P1"].get(f"/leader/campaigns/{play['id']}")
    return shown


def chooses_p1(town: Town) -> Phone:
    """Somebody new who collects there."""
    neighbour = town.neighbour()
    neighbour.put("/me/point", {"point_id": town.points["P1"]})
    return neighbour


def opens(day: Day, name: str, play: str) -> str:
    """Somebody new opens a round; answers its id."""
    day.people[name] = chooses_p1(day.town)
    opened: str = day.people[name].post(f"/plays/{play}/runs")["run"]
    return opened


def in_run(evening: Evening, run: str, **units: int) -> Document:
    return evening.basket("P1", **units) | {"run": run}


def joins(day: Day, name: str, run: str, **units: int) -> None:
    """They order with a seat in the round, and pay."""
    phone = day.people.setdefault(name, day.town.neighbour())
    day.orders[name] = phone.post("/orders", in_run(day.evening, run, **units))
    day.pays(name)


def leaves(day: Day, name: str) -> None:
    day.people[name].post(f"/orders/{day.orders[name]['id']}/cancel")
    await_paid_back(day, name, 1280)


def ends(day: Day, clock_face: str, run: str, state: str) -> None:
    day.town.move_to(at(day.evening.sale_on, clock_face))
    await_run(day.town, run, state)


def await_run(town: Town, run: str, state: str) -> None:
    until(lambda: town.staff.get(f"/runs/{run}")["state"], lambda found: found == state)
    quiet(town)


def quiet(town: Town) -> None:
    """Until everybody has heard what happened."""
    until(town.unrest, lambda found: not found)


def paid_back(day: Day, name: str) -> int:
    """What has come back, by the order; the payment service says the same."""
    order = day.order(name)
    charge = day.people[name].get(f"/charges/{order['charge']}")
    assert charge["refunded_fen"] == order["paid_back_fen"]
    fen: int = order["paid_back_fen"]
    return fen


def await_paid_back(day: Day, name: str, fen: int) -> None:
    charge = f"/charges/{day.orders[name]['charge']}"
    until(lambda: day.people[name].get(charge)["refunded_fen"], lambda found: found == fen)
    assert paid_back(day, name) == fen


def grants(member: Phone, play: str) -> list[Document]:
    """What a play gave somebody, whether it is used or not."""
    return [one for one in member.get("/me/grants")["grants"] if one["play"] == play]


def running(evening: Evening) -> list[Document]:
    found: list[Document] = Phone(evening.town.network).get(f"/points/{evening.town.points['P1']}/plays")["plays"]
    return found


def round_of(evening: Evening, play: str) -> Document:
    (run,) = (one["run"] for one in running(evening) if one["id"] == play)
    found: Document = run
    return found


def saved_log(phone: Phone, run: str) -> Document:
    """The file that the proof page offers."""
    page = phone.get("/pages/proof", run=run)
    (action,) = (one for one in parts(page) if one.get("do") == "save_file")
    log: Document = phone.get(action["path"].removeprefix("/api/v1"))
    return log


def parts(document: Any) -> list[Document]:
    """Every object within a page."""
    if isinstance(document, list):
        return [part for one in document for part in parts(one)]
    if isinstance(document, dict):
        return [document, *parts(list(document.values()))]
    return []


def without_price(line: Document) -> Document:
    return {"offer": line["offer"], "quantity": line["quantity"]}


def next_monday(now: datetime) -> datetime:
    """The next midnight with which a week begins."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=7 - now.weekday())


def the_day_goes_to_its_proof(day: Day) -> None:
    """Goods come, are collected, everybody is paid, and nothing was lost."""
    bring_goods(day)
    day.go_to("15:00", 1)
    sign(day, "P1")
    for name, phone in day.people.items():
        (pickup,) = phone.get("/me/pickups")["pickups"]
        day.town.leaders["P1"].post("/leader/pickups/collect", {"code": pickup["code"]})
        day.evening.await_state(phone, day.orders[name], "collected")
    day.go_to("04:00", 5, "settlement.book_commission", "settlement.make_statements", "settlement.reconcile")
    proof = day.town.proof(day.evening.sale_on)
    assert [one for one in proof["invariants"] if not one["holds"]] == []
    assert (proof["is_over"], proof["holds"]) == (True, True)
