"""Asking for an invoice over HTTP, and keeping its file."""

from __future__ import annotations

import pytest

from lintuan.kernel.ids import public_id
from tests.make import fulfilment as make
from tests.make import invoices, leaders, members, ordering, pages, pricing
from tests.make.http import CLIENT, ROOT, Api
from tests.make.invoices import PDF, READY
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

NUMBER = "91350100M000100Y43"


@pytest.fixture
def order(clock_at):
    clock_at(EVENING)
    return make.buy(leaders.point(), (pricing.offer(300), 4), saved=100)


def test_a_member_asks_waits_and_keeps_the_file(clock_at, order):
    me = ordering.buyer_of(order)
    body = {
        "order": public_id("order", HUBEI, order.id), "kind": "company", "title": " 某公司 ",
        "taxpayer_number": NUMBER.lower(), "email": "a@b.cn",
    }  # fmt: skip
    status, asked = Api(me).post("/me/invoices", body, key="k")
    again = Api(me).post("/me/invoices", body, key="k")
    clock_at(READY)
    _, before = Api(me).get("/me/invoices")
    invoices.issue(invoice_id_of(me))
    _, after = Api(me).get("/me/invoices")
    answer = CLIENT.get(f"{ROOT}/me/invoices/{asked['id']}/file", headers=Api(me)._headers)

    assert (status, again) == (201, (201, asked))
    (one,) = before["invoices"]
    assert (one["title"], one["taxpayer_number"], one["state"], one["amount_fen"]) == ("某公司", NUMBER, "asked", 1100)
    assert (after["invoices"][0]["state"], after["invoices"][0]["has_file"]) == ("issued", True)
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, PDF, "application/pdf")
    assert answer["Content-Disposition"].startswith("attachment")
    assert Api(members.member()).get(f"/me/invoices/{asked['id']}/file")[0] == 404
    assert Api(me).get("/me/export")[1]["invoices"] == after["invoices"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": "company", "title": "某公司"}, "taxpayer_number_refused"),
        ({"kind": "company", "taxpayer_number": NUMBER}, "title_refused"),
        ({"kind": "personal", "email": "x"}, "email_refused"),
    ],
)
def test_what_cannot_be_is_refused(order, given, code):
    body = {"order": public_id("order", HUBEI, order.id), **given}

    status, problem = Api(ordering.buyer_of(order)).post("/me/invoices", body)

    assert (status, problem["code"]) == (422, code)


def test_the_page_offers_the_form_and_then_shows_what_became_of_it(clock_at, order):
    me, parameters = ordering.buyer_of(order), {"order": public_id("order", HUBEI, order.id)}
    form = nodes(me, parameters)["form"]
    assert (form["submit"]["path"], form["submit"]["body"]) == ("/api/v1/me/invoices", parameters)
    assert [field["name"] for field in form["fields"]] == ["kind", "title", "taxpayer_number", "email"]
    assert all(field["label"] in form["text"] for field in form["fields"])

    Api(me).post("/me/invoices", {**parameters, "kind": "personal"})
    shown = nodes(me, parameters)
    assert "form" not in shown
    assert shown["list"]["rows"][0]["badge"] == "To be issued"
    clock_at(READY)
    invoices.issue(invoice_id_of(me))

    buttons = [button for node in document(me, parameters)["body"] for button in node.get("items", [])]
    actions = [button["tap"] for button in buttons]
    assert any(action["do"] == "save_file" and action["path"].endswith("/file") for action in actions)


def invoice_id_of(member) -> int:
    return invoices.Invoice.objects.get(province_id=HUBEI, member_id=member.id).id


def document(member, parameters):
    return pages.document(pages.ask("invoice", member, parameters, language="en"))


def nodes(member, parameters):
    return {node["kind"]: node for node in document(member, parameters)["body"]}
