"""What a line of a relay list shows to whom, and when."""

from __future__ import annotations

import pytest

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.errors import NotFound
from lintuan.ordering import commands
from lintuan.pages.addresses import draft_ticket
from tests.make import leaders, members, relays
from tests.make import ordering as make
from tests.make.pages import actions, ask, document
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

LIST = "1. 张姐 土豆2份\n2. 李哥 榴莲"


@pytest.fixture
def point(clock_at):
    clock_at(make.EVENING)
    relays.offer("土豆", "份", 300)
    return leaders.point()


def shown(member, draft):
    return document(ask("draft", member, {"ticket": draft_ticket(member, draft.id)}))


def told(page):
    return "\n".join(node["text"] for node in page["body"])


def paths(page):
    return [action["path"] for action in actions(page) if "path" in action]


def test_a_ticket_is_of_one_member_alone(point):
    draft, *_ = relays.paste(point, LIST).drafts
    member, other = members.members(2)
    ticket = draft_ticket(member, draft.id)

    for caller, text in ((other, ticket), (member, ticket + "x"), (member, str(draft.id))):
        with pytest.raises(NotFound):
            ask("draft", caller, {"ticket": text})
    assert paths(shown(member, draft)) == ["/api/v1/relay-drafts/confirm"]


def test_an_unsettled_line_and_one_that_was_struck_out_cannot_be_confirmed(point):
    *_, draft = relays.paste(point, LIST).drafts
    member = members.member()
    assert "The leader still has to settle this line" in told(shown(member, draft))

    commands.settle_draft(leaders.leader_of(point), province_id=HUBEI, draft_id=draft.id, lines=())

    page = shown(member, draft)
    assert "Taken back" in told(page)
    assert paths(page) == []


def test_a_confirmed_line_leads_its_member_to_the_order_and_nobody_else(point):
    draft, *_ = relays.paste(point, LIST).drafts
    member, other = members.members(2)
    order = relays.confirm(member, draft)

    own, others = shown(member, draft), shown(other, draft)
    assert "This line was confirmed already" in told(others)
    assert [[one.get("page") for one in actions(page) if one.get("page") == "order"] for page in (own, others)] == [
        ["order"], [],
    ]  # fmt: skip

    commands.cancel_order(member, province_id=HUBEI, order_id=order.id)
    assert [paths(shown(one, draft)) for one in (member, other)] == [["/api/v1/relay-drafts/confirm"], []]


def test_after_cut_off_nothing_is_pasted_settled_or_confirmed(clock_at, point):
    found = relays.paste(point, LIST)
    member, leader = members.member(), leaders.leader_of(point)
    clock_at("2026-11-20T23:10+08:00")
    commands.lapse_relays(SYSTEM, province_id=HUBEI, sale_on=make.SALE_ON)

    assert "Never confirmed" in told(shown(member, found.drafts[0]))
    for page in (shown(member, found.drafts[0]), document(ask("relay", leader)), document(ask("draft", member))):
        assert paths(page) == []
