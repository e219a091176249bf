"""Relay lists: pasted as they grow, settled by the leader, confirmed by whoever has the code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from lintuan.kernel.callers import NOBODY, SYSTEM, Caller, Kind
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.errors import Forbidden, NotFound, SignInNeeded, TooMany
from lintuan.kernel.money import Money
from lintuan.leaders import commands as leaders_commands
from lintuan.leaders.errors import PointResting
from lintuan.leaders.types import PointView
from lintuan.members.commands import forget_member
from lintuan.ordering import commands, errors, queries
from lintuan.ordering.engine.relays import MOST_LETTERS, MOST_MISSES, Doubt, DraftState, DraftView, RelayView
from lintuan.ordering.models import Order, RelayDraft, RelayGuess, RelayList
from lintuan.ordering.types import BasketWish, State
from lintuan.pricing.errors import SoldOut
from lintuan.pricing.types import OfferView
from tests.make import leaders, members, pricing, relays
from tests.make import ordering as make
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]
LIST = """#接龙 今晚的菜
1. 张姐 土豆2份 鸡蛋1板
2. 李哥 鸡蛋2斤
3. 王阿姨 土豆1份 榴莲1个"""


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at(make.EVENING)


@pytest.fixture
def point() -> PointView:
    return leaders.point()


@pytest.fixture
def potatoes() -> OfferView:
    return relays.offer("土豆", "份", 300, capacity=20)


@pytest.fixture
def eggs() -> OfferView:
    return relays.offer("土鸡蛋", "板", 1500)


@pytest.fixture
def pasted(point: PointView, potatoes: OfferView, eggs: OfferView) -> RelayView:
    return relays.paste(point, LIST)


def told(view: RelayView) -> list[tuple[int, str, DraftState, dict[int, int]]]:
    """(number, name, state, units by offer) of each line."""
    return [
        (one.number, one.name, one.state, {line.offer_id: line.quantity for line in one.lines}) for one in view.drafts
    ]


def of(view: RelayView, name: str) -> DraftView:
    (found,) = [one for one in view.drafts if one.name == name]
    return found


# --- pasting -------------------------------------------------------------------------------------------------------


def test_every_line_becomes_a_draft_and_nothing_is_reserved(
    pasted: RelayView, potatoes: OfferView, eggs: OfferView
) -> None:
    assert told(pasted) == [
        (1, "张姐", DraftState.READY, {potatoes.id: 2, eggs.id: 1}),
        (2, "李哥", DraftState.UNSETTLED, {eggs.id: 2}),
        (3, "王阿姨", DraftState.UNSETTLED, {potatoes.id: 1}),
    ]
    assert [one.doubts for one in pasted.drafts] == [(), (Doubt.UNSURE,), (Doubt.UNREAD,)]
    assert of(pasted, "王阿姨").unread == "榴莲1个"
    assert {len(one.code) for one in pasted.drafts} == {4}
    assert len({one.code for one in pasted.drafts}) == 3
    assert (pricing.left(potatoes.id), Order.objects.count()) == (20, 0)


def test_the_grown_list_adds_what_is_new_and_changes_what_changed(
    point: PointView, pasted: RelayView, potatoes: OfferView, eggs: OfferView
) -> None:
    ordered = relays.confirm(members.member(), of(pasted, "张姐"))
    grown = LIST.replace("张姐 土豆2份", "张姐 土豆5份").replace("鸡蛋2斤", "鸡蛋2板") + "\n4. 小陈 土豆3"

    again = relays.paste(point, grown)

    assert told(again) == [
        (1, "张姐", DraftState.CONFIRMED, {potatoes.id: 2, eggs.id: 1}),
        (2, "李哥", DraftState.READY, {eggs.id: 2}),
        (3, "王阿姨", DraftState.UNSETTLED, {potatoes.id: 1}),
        (4, "小陈", DraftState.READY, {potatoes.id: 3}),
    ]
    assert [one.differs for one in again.drafts] == [True, False, False, False]
    assert [one.code for one in again.drafts[:3]] == [one.code for one in pasted.drafts]
    assert (again.confirmed, make.now(ordered).amount) == (1, Money(2100))
    assert relays.paste(point, grown) == again


def test_a_name_keeps_its_draft_when_the_list_is_numbered_anew(point: PointView, pasted: RelayView) -> None:
    again = relays.paste(point, "1. 李哥 鸡蛋2斤\n2. 张姐 土豆2份 鸡蛋1板")

    assert {one.name: one.code for one in again.drafts} == {one.name: one.code for one in pasted.drafts}
    assert [(one.number, one.name) for one in again.drafts] == [(1, "李哥"), (2, "张姐"), (3, "王阿姨")]


def test_who_steps_back_is_taken_off_unless_it_is_ordered(point: PointView, pasted: RelayView) -> None:
    relays.confirm(members.member(), of(pasted, "张姐"))

    again = relays.paste(point, "1. 张姐 取消\n3. 王阿姨 不要了\n7. 老周 取消")

    assert [(one.name, one.state) for one in again.drafts] == [
        ("张姐", DraftState.CONFIRMED), ("李哥", DraftState.UNSETTLED), ("王阿姨", DraftState.WITHDRAWN),
    ]  # fmt: skip
    assert (of(again, "张姐").differs, len(again.standing)) == (True, 2)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("晚上好，今天有土豆", errors.RelayUnread),
        ("1. 张姐 土豆2份" + " " * MOST_LETTERS, errors.RelayTooLong),
        ("\n".join(f"{number}. 邻居{number} 土豆1份" for number in range(1, 502)), errors.RelayTooLong),
    ],
    ids=["unread", "letters", "lines"],
)
def test_what_is_no_relay_list_is_refused(
    point: PointView, potatoes: OfferView, text: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        relays.paste(point, text)

    assert not RelayDraft.objects.exists()


def test_only_the_points_leader_pastes_settles_and_sees(pasted: RelayView, point: PointView) -> None:
    other = leaders.leader_of(leaders.point())
    draft = of(pasted, "李哥")

    for caller, refusal in ((NOBODY, SignInNeeded), (members.member(), Forbidden), (other, NotFound)):
        with pytest.raises(refusal):
            commands.paste_relay(caller, province_id=HUBEI, point_id=point.id, text=LIST)
        with pytest.raises(refusal):
            commands.settle_draft(caller, province_id=HUBEI, draft_id=draft.id, lines=())
        with pytest.raises(NotFound):
            queries.relay(caller, HUBEI, point.id, make.SALE_ON)
    assert relays.see(point) == pasted


def test_a_resting_point_and_a_closed_evening_take_no_list(clock_at: Clock, point: PointView) -> None:
    leader = leaders.leader_of(point)
    leaders_commands.rest_point(leader, province_id=HUBEI, point_id=point.id)
    with pytest.raises(PointResting):
        relays.paste(point, LIST)
    leaders_commands.resume_point(leader, province_id=HUBEI, point_id=point.id)

    clock_at(make.CUTOFF)
    with pytest.raises(errors.CutOffPassed):
        relays.paste(point, LIST)


# --- settling ------------------------------------------------------------------------------------------------------


def settle(point: PointView, draft: DraftView, *lines: tuple[OfferView, int]) -> DraftView:
    wishes = tuple(BasketWish(offer.id, units) for offer, units in lines)
    commands.settle_draft(leaders.leader_of(point), province_id=HUBEI, draft_id=draft.id, lines=wishes)
    return queries.drafts(HUBEI, [draft.id])[draft.id]


def test_what_the_leader_settles_is_ready_and_stays_so_when_pasted_again(
    point: PointView, pasted: RelayView, potatoes: OfferView, eggs: OfferView
) -> None:
    settled = settle(point, of(pasted, "王阿姨"), (potatoes, 1), (eggs, 3))

    assert (settled.state, settled.unread, settled.doubts) == (DraftState.READY, "", ())
    assert of(relays.paste(point, LIST), "王阿姨") == settled
    changed = of(relays.paste(point, LIST.replace("榴莲1个", "榴莲2个")), "王阿姨")
    assert (changed.state, changed.unread) == (DraftState.UNSETTLED, "榴莲2个")


def test_settling_with_nothing_takes_a_draft_back(point: PointView, pasted: RelayView) -> None:
    assert settle(point, of(pasted, "李哥")).state is DraftState.WITHDRAWN


def test_a_draft_is_settled_with_what_is_on_sale_and_only_before_it_is_confirmed(
    point: PointView, pasted: RelayView, potatoes: OfferView
) -> None:
    with pytest.raises(errors.QuantityInvalid):
        settle(point, of(pasted, "李哥"), (potatoes, 0))
    relays.confirm(members.member(), of(pasted, "张姐"))
    with pytest.raises(errors.RelayConfirmed):
        settle(point, of(pasted, "张姐"), (potatoes, 1))


# --- confirming ----------------------------------------------------------------------------------------------------


def test_whoever_has_the_code_makes_it_their_order_once(
    point: PointView, pasted: RelayView, potatoes: OfferView
) -> None:
    member, draft = members.member(), of(pasted, "张姐")

    order = relays.confirm(member, draft)

    assert (order.member_id, order.point_id, order.amount) == (member.id, point.id, Money(2100))
    assert (order.state, pricing.left(potatoes.id)) == (State.UNPAID, 18)
    seen = of(relays.see(point), "张姐")
    assert (seen.state, seen.order_id, seen.order_state) == (DraftState.CONFIRMED, order.id, State.UNPAID)
    for again in (member, members.member()):
        with pytest.raises(errors.RelayConfirmed):
            relays.confirm(again, draft)
    assert Order.objects.count() == 1


def test_the_same_key_confirms_once(pasted: RelayView, potatoes: OfferView) -> None:
    member, draft = members.member(), of(pasted, "张姐")
    wish = {
        "province_id": HUBEI, "point_id": draft.point_id, "code": draft.code.lower(),
        "lines": (make.line(potatoes, 2),), "key": "k",
    }  # fmt: skip

    assert commands.confirm_draft(member, **wish) == commands.confirm_draft(member, **wish)
    assert Order.objects.count() == 1


def test_what_cannot_be_had_is_left_out_and_nothing_is_added(
    pasted: RelayView, potatoes: OfferView, eggs: OfferView
) -> None:
    member, draft = members.member(), of(pasted, "张姐")

    for more in (make.line(potatoes, 3), make.line(relays.offer("冬瓜", "个", 800), 1)):
        with pytest.raises(errors.RelayChanged):
            relays.confirm(member, draft, more)

    assert relays.confirm(member, draft, make.line(potatoes, 1)).amount == Money(300)


def test_prices_limits_and_stock_are_those_of_any_order(point: PointView, pasted: RelayView) -> None:
    member, draft = members.member(), of(pasted, "张姐")
    eggs_id = draft.lines[1].offer_id
    with pytest.raises(errors.PriceChanged):
        relays.confirm(member, draft, make.WantedLine(eggs_id, 1, 1499))
    relays.offer("西瓜", "个", 2000, capacity=1)
    relays.offer("虾", "盒", 5000, per_order_limit=1)
    more = relays.paste(point, "8. 老周 西瓜2个\n9. 老吴 虾2盒")
    with pytest.raises(SoldOut):
        relays.confirm(member, of(more, "老周"))
    with pytest.raises(errors.LimitPerOrder):
        relays.confirm(member, of(more, "老吴"))

    assert [one.state for one in relays.see(point).drafts if one.number > 7] == [DraftState.READY] * 2


def test_an_unsettled_and_a_withdrawn_draft_are_not_confirmed(point: PointView, pasted: RelayView) -> None:
    with pytest.raises(errors.RelayUnsettled):
        relays.confirm(members.member(), of(pasted, "李哥"))
    settle(point, of(pasted, "李哥"))
    with pytest.raises(errors.RelayOver):
        relays.confirm(members.member(), of(pasted, "李哥"))


def test_when_the_order_is_given_up_its_member_may_confirm_again(point: PointView, pasted: RelayView) -> None:
    member, draft = members.member(), of(pasted, "张姐")
    order = relays.confirm(member, draft)
    commands.cancel_order(member, province_id=HUBEI, order_id=order.id)
    assert (of(relays.see(point), "张姐").state, relays.see(point).confirmed) == (DraftState.READY, 0)

    with pytest.raises(errors.RelayConfirmed):
        relays.confirm(members.member(), draft)
    second = relays.confirm(member, draft)

    assert (second.id != order.id, relays.see(point).confirmed) == (True, 1)


def test_codes_are_of_one_point_and_one_evening(clock_at: Clock, pasted: RelayView) -> None:
    draft, elsewhere, member = of(pasted, "张姐"), leaders.point(), members.member()

    for point_id, code in ((elsewhere.id, draft.code), (draft.point_id, draft.code + "2"), (draft.point_id, "")):
        with pytest.raises(errors.RelayUnknown):
            commands.find_draft(member, province_id=HUBEI, point_id=point_id, code=code)
    clock_at("2026-11-21T20:00+08:00")
    with pytest.raises(errors.RelayUnknown):
        commands.find_draft(member, province_id=HUBEI, point_id=draft.point_id, code=draft.code)


def test_who_guesses_is_stopped_and_who_types_right_is_not(pasted: RelayView) -> None:
    draft, guesser, honest = of(pasted, "张姐"), *members.members(2)
    place = {"province_id": HUBEI, "point_id": draft.point_id}

    for _ in range(MOST_MISSES):
        with pytest.raises(errors.RelayUnknown):
            commands.find_draft(guesser, **place, code="----")
    with pytest.raises(TooMany) as stopped:
        commands.find_draft(guesser, **place, code=draft.code)
    for _ in range(MOST_MISSES + 1):
        assert commands.find_draft(honest, **place, code=f" {draft.code.lower()} ") == draft.id

    assert stopped.value.facts == {"seconds": 3 * 3600}


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [(NOBODY, SignInNeeded), (Caller(Kind.LEADER, 1, HUBEI), Forbidden), (Caller(Kind.MEMBER, 1, 34), Forbidden)],
)
def test_only_members_of_the_province_confirm(pasted: RelayView, caller: Caller, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        relays.confirm(caller, of(pasted, "张姐"))
    assert not RelayGuess.objects.exists()


# --- afterwards ----------------------------------------------------------------------------------------------------


def test_what_nobody_confirmed_lapses_at_cut_off(clock_at: Clock, point: PointView, pasted: RelayView) -> None:
    relays.confirm(members.member(), of(pasted, "张姐"))
    clock_at(make.CUTOFF)

    assert commands.lapse_relays(SYSTEM, province_id=HUBEI, sale_on=make.SALE_ON) == 2
    assert [one.state for one in relays.see(point).drafts] == [
        DraftState.CONFIRMED, DraftState.LAPSED, DraftState.LAPSED,
    ]  # fmt: skip
    with pytest.raises(errors.CutOffPassed):
        relays.confirm(members.member(), of(pasted, "李哥"))


def test_lists_are_deleted_after_seven_days(clock_at: Clock, pasted: RelayView) -> None:
    with pytest.raises(errors.RelayUnknown):
        commands.find_draft(members.member(), province_id=HUBEI, point_id=of(pasted, "张姐").point_id, code="2")
    clock_at("2026-11-27T12:00+08:00")
    assert commands.drop_relays(SYSTEM, province_id=HUBEI) == 0
    clock_at("2026-11-28T12:00+08:00")
    assert commands.drop_relays(SYSTEM, province_id=HUBEI) == 1

    assert [model.objects.count() for model in (RelayList, RelayDraft, RelayGuess)] == [0, 0, 0]


def test_who_is_forgotten_leaves_no_name_in_a_list(pasted: RelayView, point: PointView) -> None:
    member = members.member()
    relays.confirm(member, of(pasted, "张姐"))
    assert [one.name for one in queries.drafts_of_member(member)] == ["张姐"]

    forget_member(member, province_id=HUBEI, member_id=member.id)
    catch_up(Horizon.OWN)

    assert [one.name for one in relays.see(point).drafts] == ["李哥", "王阿姨"]
    assert Order.objects.count() == 1
