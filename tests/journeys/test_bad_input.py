"""Bad input over real HTTP: each gets a typed refusal in both languages, and nothing is lost by it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from lintuan.kernel.ids import public_id
from lintuan.standins.wechatpay.faults import Mode

from . import province
from .letters import Letter, PaymentService
from .malformed import MALFORMED, QUANTITIES
from .phones import HAN, Phone, until
from .province import GOODS, PROVINCE
from .town import Evening, Town, at

Order = dict[str, Any]


@pytest.fixture
def evening(town: Town) -> Evening:
    return town.evening()


@pytest.fixture
def ann(town: Town) -> Phone:
    return town.neighbour()


@pytest.fixture(autouse=True)
def honest_afterwards(town: Town) -> Iterator[None]:
    """A fault that a test did not use up is not for the next one."""
    yield
    town.expect_faults()


@contextlib.contextmanager
def nothing_changes(*looks: Callable[[], Any]) -> Iterator[None]:
    """Whatever happens within, these looks at the site show the same before and after."""
    before = [look() for look in looks]
    yield
    assert [look() for look in looks] == before


def everything(evening: Evening, member: Phone, order: Mapping[str, Any]) -> tuple[Callable[[], Any], ...]:
    """The stock, the order and its charge."""
    return (
        evening.left,
        lambda: member.get(f"/orders/{order['id']}"),
        lambda: member.get(f"/charges/{order['charge']}"),
    )


@pytest.mark.parametrize("point", ["", "nowhere", "-1", "42", "点", public_id("point", PROVINCE, 999_999)])
def test_an_unknown_point_takes_no_order(evening: Evening, ann: Phone, point: str) -> None:
    wish = {**evening.basket(greens=1), "point": point}

    with nothing_changes(evening.left, lambda: ann.get("/orders")):
        problem = ann.refused("POST", "/orders", wish)

    assert (problem.status, problem.code, problem.facts) == (404, "not_found", {"thing": "point"})


def test_another_thing_is_no_point(evening: Evening, ann: Phone) -> None:
    wish = evening.basket(greens=1)
    offer = wish["lines"][0]["offer"]

    assert ann.refused("POST", "/orders", {**wish, "point": offer}).code == "not_found"


def test_a_resting_point_takes_no_order_and_keeps_those_it_has(town: Town, evening: Evening, ann: Phone) -> None:
    wish = evening.basket("P3", greens=1)
    order = ann.post("/orders", wish)
    town.leaders["P3"].post(f"/points/{town.points['P3']}/rest")

    with nothing_changes(*everything(evening, ann, order)):
        problem = ann.refused("POST", "/orders", wish)
    town.leaders["P3"].post(f"/points/{town.points['P3']}/resume")

    assert (problem.status, problem.code) == (409, "point_resting")
    assert ann.post("/orders", wish)["state"] == "unpaid"


def test_a_closed_point_takes_no_order(town: Town, evening: Evening, ann: Phone) -> None:
    shut = province.point("P-SHUT", "18800000009", 30.56, 114.32)
    point = town.staff.post("/points/import", {"province_id": PROVINCE, "points": [shut]})["ids"]["P-SHUT"]
    town.staff.post(f"/points/{point}/close")

    with nothing_changes(evening.left, lambda: ann.get("/orders")):
        problem = ann.refused("POST", "/orders", {**evening.basket(greens=1), "point": point})

    assert (problem.status, problem.code) == (409, "point_closed")


def test_goods_that_are_sold_out_are_not_sold_again(town: Town, evening: Evening, ann: Phone) -> None:
    wish = evening.basket(greens=1, fish=2)
    more = evening.basket(greens=1, fish=3)
    last = evening.order(town.neighbour(), fish=1)

    with nothing_changes(evening.left, lambda: ann.get("/orders")):
        too_many = ann.refused("POST", "/orders", wish)
        far_too_many = ann.refused("POST", "/orders", more)

    assert (too_many.status, too_many.code, too_many.facts["left"]) == (409, "sold_out", 1)
    assert far_too_many.code == "sold_out"
    assert "Wuchang bream" in too_many.en
    assert "武昌鱼" in too_many.zh
    assert last["state"] == "unpaid"


def test_a_price_that_changed_meanwhile_is_said_before_anything_is_sold(
    town: Town, evening: Evening, ann: Phone
) -> None:
    wish, order = evening.basket(pears=2), evening.order(ann, pears=1)
    pears = next(good for good in GOODS if good.code == "J-PEARS")
    town.staff.post("/offers", province.offers(evening.sale_on, pears._replace(price=949)))

    with nothing_changes(*everything(evening, ann, order), lambda: ann.get("/orders")):
        problem = ann.refused("POST", "/orders", wish)
    town.staff.post("/offers", province.offers(evening.sale_on, pears))

    assert (problem.status, problem.code, problem.facts["price_fen"]) == (409, "price_changed", 949)
    assert ann.post("/orders", wish)["amount_fen"] == 2 * 899


@pytest.mark.parametrize(("quantity", "code"), QUANTITIES.values(), ids=QUANTITIES)
def test_a_quantity_is_a_small_whole_number(evening: Evening, ann: Phone, quantity: object, code: str) -> None:
    order = evening.order(ann, rice=1)
    wish = evening.basket(greens=1)
    wish["lines"][0]["quantity"] = quantity

    with nothing_changes(*everything(evening, ann, order), lambda: ann.get("/orders")):
        placing = ann.refused("POST", "/orders", wish)
        editing = ann.refused("PUT", f"/orders/{order['id']}/lines", {"lines": wish["lines"]})

    # None of a line gives it up; to want nothing at all is no change of an order.
    edited = "nothing_ordered" if quantity == 0 else code
    assert [(placing.status, placing.code), (editing.status, editing.code)] == [(422, code), (422, edited)]


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_order_at_all_is_malformed(evening: Evening, ann: Phone, body: bytes) -> None:
    with nothing_changes(evening.left, lambda: ann.get("/orders")):
        problem = ann.refused("POST", "/orders", body)

    assert (problem.status, problem.code) == (422, "invalid")


def test_three_megabytes_are_too_large(evening: Evening, ann: Phone) -> None:
    body = b'{"point": "' + b"x" * 3_000_000 + b'", "lines": []}'

    with nothing_changes(evening.left, lambda: ann.get("/orders")):
        problem = ann.refused("POST", "/orders", body)

    assert (problem.status, problem.code) == (413, "too_large")


UNSTORABLE = [
    pytest.param("PUT", "/me/consents", {"item": "pri\x00vacy", "version": "2026-11"}, id="a NUL"),
    pytest.param("PUT", "/provinces/42", {"timetable": {"cutoff": "\ud800"}}, id="half a pair"),
    pytest.param("POST", f"/provinces/{10**30}/resume", None, id="a number beyond its column"),
]


@pytest.mark.parametrize(("method", "path", "body"), UNSTORABLE)
def test_what_no_database_can_keep_is_refused(ann: Phone, method: str, path: str, body: object) -> None:
    problem = ann.refused(method, path, json.dumps(body).encode() if body else None)

    assert (problem.status, problem.code) == (422, "unstorable")


def test_a_replayed_key_orders_once_and_refuses_other_content(evening: Evening, ann: Phone) -> None:
    wish, other = evening.basket(greens=1), evening.basket(greens=2)
    order = ann.post("/orders", wish, key="tap-1")

    with nothing_changes(*everything(evening, ann, order), lambda: ann.get("/orders")):
        again = ann.post("/orders", wish, key="tap-1")
        problem = ann.refused("POST", "/orders", other, key="tap-1")

    assert again == order
    assert (problem.status, problem.code) == (409, "key_reused")


def test_a_key_of_somebody_else_is_another_key(town: Town, evening: Evening, ann: Phone) -> None:
    bob, wish = town.neighbour(), evening.basket(greens=1)

    orders = {phone.post("/orders", wish, key="the-same")["id"] for phone in (ann, bob)}

    assert len(orders) == 2


FOREIGN = [
    pytest.param("GET", "/orders/{order}", id="read"),
    pytest.param("POST", "/orders/{order}/pay", id="pay"),
    pytest.param("POST", "/orders/{order}/cancel", id="cancel"),
    pytest.param("PUT", "/orders/{order}/lines", id="edit"),
    pytest.param("GET", "/charges/{charge}", id="read the charge"),
    pytest.param("POST", "/charges/{charge}/payment", id="pay the charge"),
]


@pytest.mark.parametrize(("method", "path"), FOREIGN)
def test_another_members_order_does_not_exist(town: Town, evening: Evening, ann: Phone, method: str, path: str) -> None:
    order = evening.order(ann, greens=2)
    address = path.format(order=order["id"], charge=order["charge"])
    body = {"lines": evening.lines(greens=1)} if method == "PUT" else None

    with nothing_changes(*everything(evening, ann, order)):
        stranger = town.neighbour().refused(method, address, body)
        nobody = Phone(town.network).refused(method, address, body)

    assert (stranger.status, stranger.code) == (404, "not_found")
    assert (nobody.status, nobody.code) == (401, "sign_in_needed")


def told(payment_service: PaymentService, letter: Letter) -> tuple[int, str]:
    """Status and type of the refusal of a callback, which is a problem document in both languages."""
    zh, en = (payment_service.deliver(letter, language=language) for language in ("zh-CN", "en"))
    assert zh.headers["Content-Type"] == en.headers["Content-Type"] == "application/problem+json"
    assert HAN.search(zh.json()["title"])
    assert not HAN.search(en.json()["title"])
    # What WeChat Pay documents for "this did not arrive", beside our own names.
    assert {zh.json()["code"], en.json()["code"]} == {"FAIL"}
    return en.status_code, en.json()["type"].removeprefix("urn:lintuan:problem:")


def silently_paid(town: Town, evening: Evening, member: Phone) -> tuple[Order, Order]:
    """An order that is paid at the payment service, which has not told us, and its payment sheet."""
    order = evening.order(member, greens=1, pears=1)
    sheet = member.post(f"/orders/{order['id']}/pay")
    town.expect_faults("never")
    member.press_pay(sheet)
    return order, sheet


def booked(town: Town, evening: Evening, order: Mapping[str, Any]) -> list[str]:
    """The kinds of an order's journals in the books, once for each journal."""
    town.await_duties(evening.sale_on)
    entries = town.staff.get("/settlement/entries", province_id=PROVINCE, sale_on=evening.sale_on, limit=1000)
    return sorted(
        kind for _, kind in {(entry["journal"], entry["kind"]) for entry in entries if entry["order"] == order["id"]}
    )


UNBELIEVABLE = {
    Mode.BAD_SIGNATURE: (401, "forged_notice"),
    Mode.STALE_TIMESTAMP: (401, "stale_notice"),
    Mode.WRONG_AMOUNT: (400, "wrong_amount"),
}


@pytest.mark.parametrize("mode", UNBELIEVABLE)
def test_a_callback_that_cannot_be_believed_pays_nothing(
    town: Town, evening: Evening, ann: Phone, payment_service: PaymentService, mode: Mode
) -> None:
    order, sheet = silently_paid(town, evening, ann)

    with nothing_changes(*everything(evening, ann, order)):
        assert told(payment_service, payment_service.letter(sheet, mode)) == UNBELIEVABLE[mode]

    assert payment_service.deliver(payment_service.letter(sheet)).status_code == 204
    evening.await_state(ann, order, "paid")


def test_a_callback_that_was_tampered_with_pays_nothing(
    town: Town, evening: Evening, ann: Phone, payment_service: PaymentService
) -> None:
    order, sheet = silently_paid(town, evening, ann)
    honest = payment_service.letter(sheet)
    forgeries = [
        Letter(honest.headers, honest.body + b" "),
        Letter({**honest.headers, "Wechatpay-Serial": "PUB_KEY_ID_OF_NOBODY"}, honest.body),
        Letter({**honest.headers, "Wechatpay-Signature": "AAAA"}, honest.body),
        Letter({"Content-Type": "application/json"}, honest.body),
    ]

    with nothing_changes(*everything(evening, ann, order)):
        for forgery in forgeries:
            status, kind = told(payment_service, forgery)
            assert status == 401
            assert kind in ("forged_notice", "unknown_signer", "stale_notice")


@pytest.mark.parametrize("fault", ["bad_signature", "stale_timestamp", "wrong_amount"])
def test_a_payment_is_not_lost_when_its_first_callback_was_no_good(
    town: Town, evening: Evening, ann: Phone, fault: str
) -> None:
    order = evening.order(ann, greens=1)
    town.expect_faults(fault)

    paid = evening.pay(ann, order)

    assert (paid["amount_fen"], paid["refunded_fen"]) == (258, 0)
    assert booked(town, evening, order) == ["charge_paid", "order_paid"]


def test_a_callback_that_comes_twice_counts_once(
    town: Town, evening: Evening, ann: Phone, payment_service: PaymentService
) -> None:
    order = evening.order(ann, greens=1)
    town.expect_faults("duplicate")
    sheet = ann.post(f"/orders/{order['id']}/pay")
    ann.press_pay(sheet)
    paid = evening.await_state(ann, order, "paid")
    letter = payment_service.letter(sheet)

    with nothing_changes(*everything(evening, ann, order)):
        assert [payment_service.deliver(letter).status_code for _ in range(2)] == [204, 204]

    assert paid["refunded_fen"] == 0
    assert booked(town, evening, order) == ["charge_paid", "order_paid"]


def test_a_refunds_callback_may_overtake_its_payments(town: Town, evening: Evening, ann: Phone) -> None:
    before = evening.left()
    order = evening.order(ann, greens=1)
    sheet = ann.post(f"/orders/{order['id']}/pay")
    town.expect_faults("out_of_order")
    ann.press_pay(sheet)

    ann.post(f"/orders/{order['id']}/cancel")
    charge = until(lambda: _refunded(ann, order))

    assert (charge["amount_fen"], charge["refunded_fen"]) == (258, 258)
    assert ann.get(f"/orders/{order['id']}")["state"] == "cancelled"
    assert evening.left() == before


def _refunded(member: Phone, order: Mapping[str, Any]) -> Mapping[str, Any]:
    charge: Mapping[str, Any] = member.get(f"/charges/{order['charge']}")
    return charge if charge["refunded_fen"] else {}


def test_a_callback_about_a_refund_that_nobody_asked_for_moves_no_money(
    town: Town, evening: Evening, ann: Phone, payment_service: PaymentService
) -> None:
    order, sheet = silently_paid(town, evening, ann)
    letter = payment_service.refund_letter(sheet, refund_number="42" + "f" * 26)

    with nothing_changes(*everything(evening, ann, order)):
        assert told(payment_service, letter) == (404, "unknown_number")


def test_after_cut_off_nothing_can_be_ordered_changed_or_cancelled(town: Town) -> None:
    evening, ann = town.evening(), town.neighbour()
    wish, order = evening.basket(greens=1), evening.order(ann, greens=4)
    evening.pay(ann, order)
    town.move_to(at(evening.sale_on, "23:00"))
    town.await_duties(evening.sale_on, "ordering.close_day")

    with nothing_changes(*everything(evening, ann, order), lambda: ann.get("/orders")):
        problems = [
            ann.refused("POST", "/orders", wish),
            ann.refused("PUT", f"/orders/{order['id']}/lines", {"lines": wish["lines"]}),
            ann.refused("POST", f"/orders/{order['id']}/cancel"),
        ]

    assert {(problem.status, problem.code) for problem in problems} == {(409, "cut_off_passed")}


def test_a_supplier_cannot_confirm_more_than_was_asked(town: Town) -> None:
    evening, ann = town.evening(), town.neighbour()
    order = evening.pay(ann, evening.order(ann, eggs=1))
    town.move_to(at(evening.sale_on, "23:05"))
    town.await_duties(evening.sale_on, "sourcing.make_purchase_orders")
    supplier, stranger = town.suppliers["S1"], town.suppliers["S2"]
    asked = own_purchase_order(supplier, evening)
    address = f"/supplier/purchase-orders/{asked['id']}/confirm"
    line = next(line for line in asked["lines"] if line["sku_code"] == "J-EGGS")

    def answer(quantity: int) -> dict[str, Any]:
        return {"lines": [{"line": line["id"], "quantity": quantity}]}

    with nothing_changes(lambda: own_purchase_order(supplier, evening), lambda: ann.get(f"/orders/{order['id']}")):
        problem = supplier.refused("POST", address, answer(line["ordered"] + 1))
        huge = supplier.refused("POST", address, answer(10**30))
        foreign = stranger.refused("POST", address, answer(1))

    assert (problem.status, problem.code, problem.facts["bound"]) == (409, "confirmed_too_much", line["ordered"])
    assert (huge.status, foreign.status) == (422, 404)
    assert supplier.post(address, answer(line["ordered"]))["state"] == "confirmed"


def own_purchase_order(supplier: Phone, evening: Evening) -> dict[str, Any]:
    (asked,) = supplier.get("/supplier/purchase-orders", sale_on=evening.sale_on)["purchase_orders"]
    return dict(asked)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/no/such/thing", 404),
        ("GET", "/orders/no-such-order", 404),
        ("GET", "/orders?limit=none", 422),
        ("DELETE", "/orders", 405),
    ],
)
def test_an_address_or_a_method_that_is_not_there_is_a_problem_too(
    ann: Phone, method: str, path: str, status: int
) -> None:
    assert ann.refused(method, path).status == status


def test_in_the_end_the_books_of_all_these_evenings_are_proved(town: Town) -> None:
    town.evening()

    town.finish()

    proofs = {evening.sale_on: town.proof(evening.sale_on) for evening in town.evenings}
    broken = [(day, one) for day, proof in proofs.items() for one in proof["invariants"] if not one["holds"]]
    assert broken == []
    assert all(proof["is_over"] for proof in proofs.values())
