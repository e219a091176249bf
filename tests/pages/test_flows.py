"""Whole flows by pages and actions alone, on the public API: what no page offers, no client can do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.kernel.money import Money
from lintuan.members.queries import member_ids
from lintuan.ordering import commands
from lintuan.settlement import commands as settlement
from lintuan.settlement.models import LeaderLine
from lintuan.settlement.rate_models import LeaderDay, LeaderLevel, LevelTable, Rate
from tests.make import fulfilment, leaders, members, ordering, payments, pricing, relays
from tests.make.ordering import EVENING
from tests.make.pages import actions
from tests.make.phones import Phones, open_phones
from tests.make.photos import a_jpeg
from tests.make.provinces import HUBEI
from tests.pages.hand import Hand, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def point(clock_at):
    clock_at(EVENING)
    made = leaders.point()
    fulfilment.network([made])
    return made


@pytest.fixture
def offers(point):
    return pricing.offers(3)


@pytest.fixture(scope="module")
def phones(tmp_path_factory) -> Iterator[Phones]:
    with open_phones(tmp_path_factory.mktemp("phones")) as found:
        yield found


def sign_in(hand: Hand, phones: Phones, phone: str, **values: str) -> None:
    """The code is asked for as its field says, read on the phone, and typed in."""
    (form,) = hand.nodes("form")
    code = next(field for field in form["fields"] if field["type"] == "code")
    assert hand.api.post(code["send"].removeprefix("/api/v1"), {"phone": phone}) == (204, None)
    hand.tap("Sign in", phone=phone, code=phones.code_on(phone), **values)


def at(point, caller=None, **given) -> Hand:
    """A device on which the point is chosen already."""
    hand = Hand(caller, **given) if caller else Hand(**given)
    hand.point = public_id("point", HUBEI, point.id)
    return hand


def put_in_basket(hand: Hand, offer, units: int = 1) -> None:
    hand.open("product", offer=public_id("offer", HUBEI, offer.id))
    for _ in range(units):
        hand.tap("Put into the basket")


def placed_order(hand: Hand) -> str:
    """The order on the screen after its payment was begun."""
    return str(hand.paying["order"])


def pay(hand: Hand) -> None:
    """The phone pays, and the shop hears of it."""
    _, order_id = read_public_id("order", placed_order(hand))
    payments.pay(ordering.queries.orders(HUBEI, [order_id])[order_id].charge_id)
    ordering.hear_payments()


def test_a_first_visit_ends_with_a_paid_order(point, offers, phones):
    hand, phone = Hand(), members.phone()

    assert hand.open("shelf")["name"] == "points"
    hand.tap(f"Collect at {point.name_en}")
    assert "Shanghai bok choy 300 g ¥3.99/bag" in hand.texts()
    put_in_basket(hand, offers[0], 2)
    hand.open("basket")
    hand.tap("Check out ¥7.98")
    assert hand.page["sign_in"] is True
    hand.tap("Sign in")
    sign_in(hand, phones, phone)
    assert hand.page["name"] == "checkout"
    hand.tap("Place the order and pay ¥7.98")
    assert "Confirming your payment of ¥7.98" in hand.texts()
    assert hand.page["poll"] == 2
    pay(hand)
    hand.open("paying", order=placed_order(hand))
    assert f"at {point.name_en}: tomorrow 16:00-21:00" in hand.texts()
    hand.tap("See the order")

    assert "Order" in hand.texts()
    assert hand.nodes("order")[0]["state"] == "paid"
    assert hand.basket == {}


def test_a_leader_signs_in_as_one(point, phones):
    hand = Hand()
    hand.open("tonight")
    hand.tap("Sign in")

    sign_in(hand, phones, leaders.queries.leader(HUBEI, point.leader_id).phone, role="leader")

    assert (hand.page["name"], hand.page["tab"]) == ("tonight", "tonight")
    assert [tab["id"] for tab in hand.page["tabs"]] == ["tonight", "handout", "receive", "earnings", "me"]


def test_what_cannot_be_had_is_told_and_left_out(point, offers):
    rare = pricing.offer(999, capacity=1)
    hand = at(point, members.member())
    for offer, units in ((rare, 2), (offers[0], 1)):
        put_in_basket(hand, offer, units)

    hand.open("checkout")

    (quote,) = hand.nodes("quote")
    assert quote["to_pay_fen"] == 399
    assert [one["reason"] for one in quote["refusals"]] == ["There is not enough of Shanghai bok choy left: 1."]
    hand.tap("Place the order")
    assert [line.offer_id for line in _order(hand).lines] == [offers[0].id]


def test_what_is_gone_is_taken_out_by_a_tap(clock_at, point, offers):
    hand = at(point, members.member())
    put_in_basket(hand, offers[0])
    clock_at("2026-11-21T18:30+08:00")
    gone = "Shanghai bok choy, This offer is not on sale tonight."

    for name in ("checkout", "basket"):
        hand.open(name)
        assert gone in hand.texts()
        (way,) = hand.page["foot"]
        assert [one["tap"]["page"] for one in way["items"]] == ["shelf"]
    hand.tap("Take out Shanghai bok choy")

    assert hand.basket == {}
    assert "Your basket is empty" in hand.texts()


def test_what_is_seen_at_another_point_is_bought_there(point, offers):
    member = members.member()
    at(point, member).api.put("/me/point", {"point_id": public_id("point", HUBEI, point.id)})
    other = leaders.point()
    there = public_id("point", HUBEI, other.id)
    hand = at(point, member)

    hand.open("shelf", point=there)
    assert f"You otherwise collect at {point.name_en}" in hand.texts()
    hand.do(hand.nodes("offer_grid")[0]["offers"][0]["tap"], {})
    assert hand.here == ("product", {"offer": public_id("offer", HUBEI, offers[0].id), "point": there})
    hand.tap("Put into the basket")
    hand.tap("Check out")
    assert hand.here == ("basket", {"point": there})
    hand.tap("Check out ¥3.99")
    hand.tap("Place the order")
    assert _order(hand).point_id == other.id

    hand.open("shelf", point=there)
    hand.tap(f"Collect at {other.name_en}")
    assert hand.point == there
    assert "You otherwise collect" not in hand.texts()


def _order(hand: Hand):
    _, order_id = read_public_id("order", placed_order(hand))
    return ordering.queries.orders(HUBEI, [order_id])[order_id]


def test_an_order_is_changed_until_cut_off_and_then_stands(clock_at, point, offers):
    hand = at(point, members.member())
    put_in_basket(hand, offers[0], 3)
    put_in_basket(hand, offers[1], 1)
    hand.open("checkout")
    hand.tap("Place the order")
    pay(hand)

    hand.open("order", order=placed_order(hand))
    hand.tap("Change quantities")
    hand.tap("Save", **{"lines.0.quantity": 2, "lines.1.quantity": 0})
    assert hand.told == ["Saved."]
    assert [line.due for line in _order(hand).lines] == [2, 0]
    clock_at("2026-11-20T23:00+08:00")
    hand.open("order", order=placed_order(hand))

    assert "Change quantities" not in hand.texts()
    assert "1 of them not delivered" in hand.texts()


def test_an_order_tells_how_far_its_goods_have_come(clock_at, point, offers):
    member = members.member()
    order = fulfilment.buy(point, (offers[0], 1), member=member)
    hand, told = Hand(member), []

    def look() -> None:
        hand.open("order", order=public_id("order", HUBEI, order.id))
        told.append([step["state"] for step in hand.nodes("status_line")[0]["steps"]])

    look()
    fulfilment.routed(clock_at)
    look()
    fulfilment.drive(clock_at)
    look()
    fulfilment.sign_all(clock_at)
    look()

    assert told == [
        ["done", "done", "next"],
        ["done", "done", "now", "next", "next", "next"],
        ["done", "done", "done", "done", "done", "next"],
        ["done", "done", "done", "done", "done", "now"],
    ]
    assert "✓ At the pickup point → Ready to collect (now)" in hand.texts()


def test_an_order_is_given_up(point, offers):
    hand = at(point, members.member())
    put_in_basket(hand, offers[0])
    hand.open("checkout")
    hand.tap("Place the order")
    hand.open("order", order=placed_order(hand))

    hand.tap("Cancel the order")

    assert _order(hand).state == "cancelled"
    assert hand.told == ["The order is cancelled."]
    assert "Cancelled" in hand.texts()


def test_a_group_writes_a_relay_list_and_each_confirms_their_line(point):
    potatoes, eggs = relays.offer("土豆", "份", 300), relays.offer("土鸡蛋", "板", 1500)
    leader = Hand(leaders.leader_of(point), language="zh-hans")
    leader.open("tonight")
    leader.tap("接龙")
    (opening,) = leader.nodes("share_panel")
    assert "】土豆 ¥3.00/份\n" in opening["text"]
    leader.tap("读取接龙", text=opening["text"] + "\n1. 张姐 土豆2份 鸡蛋1板\n2. 李哥 榴莲一个\n3. 小陈 土豆1")
    assert leader.nodes("progress")[0]["text"] == "已确认 0/3"
    assert "2. 李哥 · 没看到要什么，有没看懂的：榴莲一个 · 待核对" in leader.texts()

    leader.tap("核对")
    leader.tap("就按这样", **{"lines.0.offer": public_id("offer", HUBEI, eggs.id), "lines.0.quantity": 2})
    ready = next(node["text"] for node in leader.nodes("share_panel") if node["key"] == "ready")
    lines = [line.split() for line in ready.splitlines()]
    assert [[name, *wished] for name, _, *wished in lines[:3]] == [
        ["张姐", "土豆2份", "土鸡蛋1板", "共", "21.00", "元"],
        ["李哥", "土鸡蛋2板", "共", "30.00", "元"],
        ["小陈", "土豆1份", "共", "3.00", "元"],
    ]
    assert f"page=draft&point={public_id('point', HUBEI, point.id)}" in lines[3][0]

    neighbour = at(point, members.member())
    neighbour.open("me")
    neighbour.tap("Confirm my relay line")
    neighbour.tap("Look", code=lines[0][1].lower())
    neighbour.tap("Confirm and pay ¥21.00")
    pay(neighbour)
    assert [(line.offer_id, line.quantity) for line in _order(neighbour).lines] == [(potatoes.id, 2), (eggs.id, 1)]
    assert _order(neighbour).state == "paid"

    leader.open("relay")
    texts = "\n".join(node["text"] for node in leader.nodes("share_panel"))
    leader.tap("读取接龙", text=f"1. 张姐 土豆2份 鸡蛋1板\n2. 李哥 榴莲一个\n3. 小陈 土豆1\n{ready}\n{texts}")
    assert leader.nodes("progress")[0]["text"] == "已确认 1/3"
    assert "3. 小陈 · 土豆1份 · ¥3.00 · 待确认" in leader.texts()
    assert "接龙已确认 1/3，还差：李哥、小陈" in leader.texts()
    leader.tap("核对")
    leader.tap("划掉这一行")
    assert leader.nodes("progress")[0]["text"] == "已确认 1/2"


def test_what_cannot_be_had_is_left_out_of_a_relay_line(point):
    relays.offer("土豆", "份", 300)
    relays.offer("西瓜", "个", 2000, capacity=1)
    (draft,) = relays.paste(point, "1. 张姐 土豆2份 西瓜2个").drafts
    hand, other = at(point, members.member()), at(point, members.member())

    for one in (hand, other):
        one.open("draft", code=draft.code)
        one.tap("Look")
    assert "There is not enough of Good 西瓜 left: 1." in hand.texts()
    hand.tap("Confirm and pay ¥6.00")
    assert [line.quantity for line in _order(hand).lines] == [2]
    with pytest.raises(Refused, match="confirmed already"):
        other.tap("Confirm and pay ¥6.00")
    other.do({"do": "refresh"}, {})
    assert "This line was confirmed already" in other.texts()
    with pytest.raises(AssertionError, match="There is no such draft"):
        other.open("draft", ticket="x")


def test_a_household_fills_a_basket_and_one_pays_for_all(point, offers):
    first, second = at(point, members.member(name="Li Lei")), at(point, members.member(name="Han Meimei"))
    first.open("household")
    first.tap("Open a basket")
    code = first.page["body"][0]["title"].removeprefix("Basket ")
    put_in_basket(first, offers[0], 2)
    first.open("household")
    first.tap("See the basket of")
    first.tap("Put in what lies in my basket")
    assert first.basket == {}

    second.open("household", code=code)
    second.tap("Join")
    put_in_basket(second, offers[1], 1)
    second.open("household", basket=first.here[1]["basket"])
    second.tap("Put in what lies in my basket")
    second.tap("Save my quantities", **{"lines.0.quantity": 3})
    assert "L**" in second.texts()
    assert "H**" not in second.texts()
    second.tap("Pay for all ¥19.98")

    assert sorted(line.quantity for line in _order(second).lines) == [2, 3]
    first.open("household", basket=first.here[1]["basket"])
    assert "Pay for mine" not in first.texts()


def test_an_invitation_brings_a_new_neighbour_in(point):
    opener, invited = at(point, members.member()), Hand(members.member())
    opener.open("household")
    opener.tap("Open a basket")
    opener.tap("Invite a neighbour")
    (invitation,) = opener.shared

    assert invitation["with"]["point"] == public_id("point", HUBEI, point.id)
    invited.open("household", code=invitation["with"]["code"])
    invited.tap("Join")

    assert len(invited.nodes("section")) == 4


def test_who_has_no_point_yet_is_shown_the_way_to_one(point):
    hand = Hand(members.member())

    hand.open("household")

    assert [one["tap"]["page"] for one in hand.nodes("buttons")[0]["items"]] == ["points"]
    assert hand.nodes("form") == []


def test_lines_of_another_basket_are_another_form(point, offers):
    hand = at(point, members.member())
    hand.open("household")
    hand.tap("Open a basket")
    keys = []
    for offer in offers[:2]:
        put_in_basket(hand, offer)
        hand.open("household")
        hand.tap("See the basket of")
        hand.tap("Put in what lies in my basket")
        keys.append(next(form["key"] for form in hand.nodes("form")))

    hand.tap("Save my quantities", **{"lines.0.quantity": 3})
    keys.append(next(form["key"] for form in hand.nodes("form")))

    assert len(set(keys)) == 3


def test_each_day_has_its_own_screen_at_the_door(clock_at, point):
    hand, keys = Hand(leaders.leader_of(point)), []
    for now in ("2026-11-21T15:00+08:00", "2026-11-21T15:05+08:00", "2026-11-22T15:00+08:00"):
        clock_at(now)
        hand.open("handout")
        keys.append(hand.nodes("handout")[0]["key"])

    assert keys[0] == keys[1] != keys[2]


def test_a_household_basket_is_left_and_closed(point):
    opener, other = at(point, members.member()), at(point, members.member())
    opener.open("household")
    opener.tap("Open a basket")
    other.open("household", code=opener.page["body"][0]["title"].removeprefix("Basket "))
    other.tap("Join")
    other.tap("Collect mine myself")
    assert "I collect mine myself" in other.texts()

    other.tap("Leave the basket")
    opener.tap("Close the basket")

    assert other.nodes("list") == []
    assert "Over" in opener.texts()


def test_a_neighbour_sends_somebody_to_collect(clock_at, point, offers):
    member = members.member(name="Li Lei")
    order = fulfilment.buy(point, (offers[0], 2), member=member)
    fulfilment.signed(clock_at)
    hand, sent, leader = Hand(member), Hand(), Hand(leaders.leader_of(point))
    hand.open("pickup")
    hand.tap("Let somebody else collect")
    hand.tap("Send it to them")
    (copied,) = (one["content"] for one in actions(hand.page) if one["do"] == "copy")
    assert (copied.count("page=proxy&token="), "://" in hand.shared[0]["content"]) == (1, False)
    sent.open(hand.shared[0]["page"], **hand.shared[0]["with"])
    (shown,) = sent.nodes("pickup_code")

    assert shown["code"] != fulfilment.pickup(order).code
    leader.api.post("/leader/pickups/collect", {"code": shown["code"]})

    assert ordering.now(order).state == "collected"
    assert "Collected" in sent.open(*sent.here[:1], **sent.here[1])["body"][0]["text"]
    status, refused = leader.api.post("/leader/pickups/collect", {"code": shown["code"]})
    assert (status, refused["code"]) == (409, "collected_already")


def test_a_right_to_collect_is_taken_back(clock_at, point, offers):
    member = members.member()
    fulfilment.buy(point, (offers[0], 2), member=member)
    fulfilment.signed(clock_at)
    hand, sent, leader = Hand(member), Hand(), Hand(leaders.leader_of(point))
    hand.open("pickup")
    hand.tap("Let somebody else collect")
    token = next(hand_on for hand_on in hand.nodes("section"))["children"][1]["items"][0]["tap"]["with"]["token"]
    (shown,) = sent.open("proxy", token=token)["body"][1:]

    hand.tap("Take the code back")

    assert leader.api.post("/leader/pickups/collect", {"code": shown["code"]})[0] == 404
    assert sent.api.post("/pages/proxy", {"with": {"token": token}})[0] == 404
    assert "Code for who collects" not in hand.texts()


def test_an_order_tells_what_plays_paid_of_it(point, offers, settings):
    # Whatever stand-ins other tests have brought up: no way to pay is set up, so there is one button.
    settings.GATEWAY_KEYS = ""
    order = ordering.saved_order(ordering.line(offers[0], 2), saved=100, point=point)
    hand = Hand(ordering.buyer_of(order))
    asked = {"order": public_id("order", HUBEI, order.id)}

    hand.open("orders")
    assert hand.nodes("order_list")[0]["orders"][0]["amount_fen"] == 698
    hand.open("order", **asked)
    assert hand.nodes("quote")[0]["text"] == "Goods ¥7.98\nSaved by plays -¥1.00\nTo pay ¥6.98"
    assert "Pay ¥6.98" in hand.texts()
    ordering.pay(order)
    hand.open("paying", **asked)
    assert "Paid ¥6.98" in hand.texts()
    ordering.save_later((order, 200))
    hand.open("order", **asked)

    (quote,) = hand.nodes("quote")
    assert quote["text"] == "Goods ¥7.98\nSaved by plays -¥1.00\nPaid ¥6.98"
    assert ([step["fen"] for step in quote["steps"]], quote["to_pay_fen"]) == ([798, -100], 698)
    assert hand.nodes("order")[0]["refunded_fen"] == 200
    assert "Plays saved you more after you paid; the difference went back to you." in hand.texts()
    assert "¥2.00" in hand.texts()


def test_an_order_without_plays_has_no_breakdown(point, offers):
    order = ordering.order(ordering.line(offers[0]), point=point)
    hand = Hand(ordering.buyer_of(order))

    hand.open("order", order=public_id("order", HUBEI, order.id))

    assert hand.nodes("quote") == []


def test_a_claim_tells_what_of_it_the_member_gets_back(clock_at):
    clock_at(EVENING)
    order = fulfilment.collected_order(clock_at, (pricing.offer(600), 2), (pricing.offer(8000), 1), saved=1840)
    hand = Hand(ordering.buyer_of(order))

    for line in order.lines:
        about = {"order": public_id("order", HUBEI, order.id), "line": public_id("line", HUBEI, line.id)}
        hand.open("claim", **about)
        hand.tap("Send", cause="quality", quantity=1, note="", photos=[])

    told = hand.texts()
    assert "¥4.80 go back to where you paid from" in told
    assert "at most ¥64.00 back" in told


def test_a_claim_with_photos_is_granted_at_once(clock_at):
    clock_at(EVENING)
    order = fulfilment.collected_order(clock_at, (pricing.offer(599), 3))
    hand = Hand(ordering.buyer_of(order))
    hand.open("order", order=public_id("order", HUBEI, order.id))
    hand.tap("Make a claim")
    (form,) = hand.nodes("form")
    photo = next(field for field in form["fields"] if field["type"] == "photo")
    key = hand.send_photo(a_jpeg(), photo["send"])

    hand.tap("Send", cause="quality", quantity=2, note="two are rotten", photos=[key])

    assert hand.page["name"] == "claims"
    assert "¥11.98 go back to where you paid from" in hand.texts()
    assert [one["picture"]["src"].startswith("/api/v1/photos/") for one in hand.nodes("image")] == [True]
    hand.tap("See the order and its refunds")
    assert "Refund asked for" in hand.texts()


def test_a_leader_counts_signs_and_lists(clock_at, point, offers):
    order = fulfilment.buy(point, (offers[0], 5))
    fulfilment.driven(clock_at)
    hand = Hand(leaders.leader_of(point))
    hand.open("tonight")
    hand.tap("Receive the goods")
    (drop,) = hand.nodes("receive")[0]["drops"]
    key = hand.send_photo(a_jpeg(), drop["photo"])
    wrong = {"sku_code": drop["lines"][0]["code"], "short": 1, "damaged": 1, "photos": [key]}

    hand.do(drop["sign"], {"discrepancies": [wrong]})

    assert hand.page["name"] == "handout"
    hand.tap("Pick lists")
    assert "× 3" in hand.texts()
    hand.tap("By product")
    assert [group["note"] for group in hand.nodes("pick_list")[0]["groups"]] == ["3 in all"]
    (line,) = hand.open("receive")["body"][0]["drops"][0]["lines"]
    assert (line["short"], line["damaged"], len(line["photos"])) == (1, 1, 1)
    assert ordering.now(order).lines[0].due == 3


def test_a_leader_rests_and_takes_orders_again(point, offers):
    hand, guest = Hand(leaders.leader_of(point)), at(point)
    hand.open("point")
    hand.tap("Rest")
    assert "This pickup point is resting" in guest.open("shelf")["body"][1]["text"]
    assert guest.page.get("foot", []) == []
    assert guest.nodes("offer_grid")[0]["closed"]

    hand.tap("Take orders again")

    assert guest.open("shelf")["body"][1]["kind"] == "countdown"


def test_a_leader_posts_an_offer(point, offers):
    hand = Hand(leaders.leader_of(point))
    hand.open("post")
    words = hand.nodes("share_panel")[0]["forms"][0]["content"]
    assert "1. Shanghai bok choy 300 g ¥3.99/bag" in words

    hand.tap("Post Shanghai bok choy")
    hand.tap("Send to the group")

    assert hand.shared[0]["page"] == "product"
    assert hand.shared[0]["with"] == {
        "offer": public_id("offer", HUBEI, offers[0].id), "point": public_id("point", HUBEI, point.id),
    }  # fmt: skip
    assert f"offer={public_id('offer', HUBEI, offers[0].id)}" in hand.nodes("poster")[0]["text"]
    assert "://" not in hand.shared[0]["content"]


def test_a_member_agrees_takes_their_data_and_is_forgotten(point):
    phone = members.phone()
    hand = Hand(members.member(phone_number=phone))
    hand.open("privacy")
    hand.tap("Agree to the new notice")
    assert "Privacy notice of Nov 2026" in hand.texts()
    save = next(action for action in hand.nodes("buttons")[0]["items"] if action["tap"]["do"] == "save_file")["tap"]
    assert hand.api.get(save["path"].removeprefix("/api/v1"))[1]["phone"] == phone

    hand.tap("Forget me")
    catch_up(Horizon.OWN)

    assert phone not in member_ids(HUBEI, [phone])
    assert hand.open("me")["body"][0]["title"] == "You are not signed in"


def test_a_payment_is_recovered_or_over(clock_at, point, offers):
    hand = at(point, members.member())
    put_in_basket(hand, offers[0])
    hand.open("checkout")
    hand.tap("Place the order")
    with override_settings(DEMO=True, STAND_INS="http://127.0.0.1:8601"):
        hand.open("paying", order=placed_order(hand))
    again = next(action for action in hand.nodes("buttons")[0]["items"])["tap"]
    assert again["counter"] == "http://127.0.0.1:8601/wechatpay/phone/pay"

    clock_at("2026-11-20T20:30+08:00")
    commands.expire_orders(SYSTEM, province_id=HUBEI)
    hand.open("paying", order=placed_order(hand))

    assert "Not paid in time" in hand.texts()
    assert "poll" not in hand.page


def test_a_household_of_strangers_is_not_shown(point):
    opener, stranger = at(point, members.member()), at(point, members.member())
    opener.open("household")
    opener.tap("Open a basket")

    status, refused = stranger.api.post("/pages/household", {"with": opener.here[1]})

    assert (status, refused["code"]) == (404, "basket_unknown")
    stranger.open("household")
    with pytest.raises(Refused, match="There is no such household basket"):
        stranger.tap("Join", code="NOTHING1")


def test_a_leader_sees_what_plays_take_of_the_commission(point):
    about = {"province_id": HUBEI, "leader_id": point.leader_id, "sale_on": ordering.SALE_ON}
    LeaderLine.objects.create(kind="commission", orders=3, amount=Money(100), **about)
    LeaderLine.objects.create(kind="subsidy", order_id=1, campaign_id=1, amount=Money(-250), **about)
    settlement.make_leader_statements(SYSTEM, province_id=HUBEI, sale_on=ordering.SALE_ON)
    hand = Hand(leaders.leader_of(point))

    hand.open("commission")

    told = hand.texts()
    assert "commission on 3 orders of 2026-11-20" in told
    assert "-¥2.50" in told
    assert "To be taken from the next" in told
    assert "¥1.50" in told


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            (
                "Goods in general: 9 %",
                "Your level: 2 of 3",
                "To the next level: ¥90.00 more, then 12 %",
                "Poultry and eggs: 3 %",
            ),
        ),
        ("zh", ("一般商品: 9 %", "您的等级: 2 级，共 3 级", "距下一级: 再 ¥90.00，费率 12 %", "鸡鸭禽蛋: 3 %")),
    ],
)
def test_a_leader_sees_what_goods_earn_and_what_the_next_level_takes(point, language, told):
    about = {"province_id": HUBEI, "from_on": ordering.SALE_ON, "made_at": clock.now(), "made_by": 1}
    LevelTable.objects.create(thresholds=[1000, 10_000], **about)
    for bps, level, category in ((900, 2, ""), (1200, 3, ""), (300, 0, "poultry-eggs")):
        Rate.objects.create(bps=bps, level=level, category=category, sku_id=0, area="", **about)
    mine = {"province_id": HUBEI, "leader_id": point.leader_id}
    LeaderDay.objects.create(sale_on=ordering.SALE_ON, orders=1, net=Money(1000), **mine)
    LeaderLevel.objects.create(from_on=ordering.SALE_ON, level=2, gmv=Money(1000), counted_on=ordering.SALE_ON, **mine)
    hand = Hand(leaders.leader_of(point), language=language)

    hand.open("commission")

    seen = hand.texts()
    assert [line for line in told if line not in seen] == []
