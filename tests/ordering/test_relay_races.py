"""Relay lists that are pasted, settled and confirmed at the same moment, with real transactions side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from lintuan.ordering import errors
from lintuan.ordering.engine.relays import DraftState
from lintuan.ordering.models import Order, RelayGuess
from tests.make import leaders, members, relays
from tests.make import ordering as make
from tests.side_by_side import aside, until_waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def evening(clock_at: Callable[[str], datetime], transactional_db: None) -> Iterator[None]:
    """Leaves no jobs behind: Django does not flush the queue's tables."""
    clock_at(make.EVENING)
    yield
    ProcrastinateJob.objects.all().delete()


def test_of_two_who_confirm_one_line_at_once_one_does() -> None:
    point, offer = leaders.point(), relays.offer("土豆", "份", 300)
    (draft,) = relays.paste(point, "1. 张姐 土豆2份").drafts
    first, second = members.members(2)

    with transaction.atomic():
        relays.confirm(first, draft, make.line(offer, 2))
        late = aside(lambda: relays.confirm(second, draft, make.line(offer, 2)))
        until_waiting()

    assert late.result(20) is errors.RelayConfirmed
    assert Order.objects.get().member_id == first.id


def test_a_line_that_changes_while_it_is_confirmed_is_ordered_as_it_was_seen_or_not_at_all() -> None:
    point, offer = leaders.point(), relays.offer("土豆", "份", 300)
    (draft,) = relays.paste(point, "1. 张姐 土豆2份").drafts
    member = members.member()

    with transaction.atomic():
        relays.paste(point, "1. 张姐 土豆1份")
        late = aside(lambda: relays.confirm(member, draft, make.line(offer, 2)))
        until_waiting()

    assert late.result(20) is errors.RelayChanged
    assert not Order.objects.exists()


def test_a_list_that_is_pasted_twice_at_once_has_each_line_once() -> None:
    point = leaders.point()
    relays.offer("土豆", "份", 300)
    text = "1. 张姐 土豆2份\n2. 李哥 土豆1份"

    with transaction.atomic():
        relays.paste(point, text)
        twin = aside(lambda: relays.paste(point, text))
        until_waiting()
    twin.result(20)

    assert [(one.name, one.state) for one in relays.see(point).drafts] == [
        ("张姐", DraftState.READY), ("李哥", DraftState.READY),
    ]  # fmt: skip


def test_a_wrong_try_is_counted_although_it_is_refused() -> None:
    point = leaders.point()
    relays.offer("土豆", "份", 300)
    (draft,) = relays.paste(point, "1. 张姐 土豆2份").drafts

    wrong = aside(lambda: relays.confirm(members.member(), draft, code="----"))

    assert wrong.result(20) is errors.RelayUnknown
    assert RelayGuess.objects.get().misses == 1
