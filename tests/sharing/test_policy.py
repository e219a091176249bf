"""What channels let a shop show, day by day: worked tables, laws, and files that cannot be read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lintuan.sharing.engine.policy import Policy, ladder, richest, ruling, showing
from lintuan.sharing.engine.reading import read_policy
from lintuan.sharing.errors import PolicyMalformed, PolicyUnsound
from lintuan.sharing.queries import HOME, channel_policy, forms_for, may_show
from lintuan.sharing.types import Basis, Channel, Form, Mechanic, Row, Stance
from tests.make.sharing import WORDS, bans, days, mechanics

BEFORE, SPEC, OPENED = date(2019, 10, 27), date(2019, 10, 28), date(2021, 11, 29)
OFFER: frozenset[Mechanic] = frozenset()
GROUP, CUT = frozenset({Mechanic.GROUP}), frozenset({Mechanic.CUT})
LETTERS = {Stance.ALLOWED: "a", Stance.TRIED: "t", Stance.BANNED: "b", Stance.UNKNOWN: "-"}


@pytest.mark.parametrize(
    ("channel", "mechanic", "before", "spec", "opened"),
    [
        # card, poster, link, message, paper, code, relay, none
        ("wechat_chat", OFFER, "aat--aaa", "aat--aaa", "aaa--aaa"),
        ("wechat_group", OFFER, "aat--aaa", "aat--aaa", "aat--aaa"),
        ("moments", OFFER, "-tt--b-a", "-tt--b-a", "att--b-a"),
        ("mini_program", OFFER, "---a-a-a", "---a-a-a", "---a-a-a"),
        ("alipay", OFFER, "t-t--t-a", "t-t--t-a", "t-t--t-a"),
        ("sms", OFFER, "--aa-a-a", "--aa-a-a", "--aa-a-a"),
        ("taobao", OFFER, "t-t--t-a", "t-t--t-a", "t-t--t-a"),
        ("bare_chat", OFFER, "-----aaa", "-----aaa", "-----aaa"),
        ("counter", OFFER, "----aa-a", "----aa-a", "----aa-a"),
        ("wechat_chat", GROUP, "aat--aaa", "ttt--aaa", "ttt--aaa"),
        ("wechat_group", GROUP, "aat--aaa", "ttt--aaa", "ttt--aaa"),
        ("moments", GROUP, "-tt--b-a", "-bb--b-a", "bbb--b-a"),
        ("bare_chat", GROUP, "-----aaa", "-----aaa", "-----aaa"),
        ("wechat_chat", CUT, "aat--aaa", "bbb--bbb", "bbb--bbb"),
        ("wechat_group", CUT, "aat--aaa", "bbb--bbb", "bbb--bbb"),
        ("moments", CUT, "-tt--b-a", "-bb--b-b", "bbb--b-b"),
        ("mini_program", CUT, "---a-a-a", "---b-b-b", "---b-b-b"),
        ("alipay", CUT, "t-t--t-t", "t-t--t-t", "t-t--t-t"),
        ("sms", CUT, "--aa-a-a", "--bb-b-b", "--bb-b-b"),
        ("taobao", CUT, "t-t--t-t", "t-t--t-t", "t-t--t-t"),
        ("bare_chat", CUT, "-----aaa", "-----bbb", "-----bbb"),
        ("counter", CUT, "----aa-a", "----bb-b", "----bb-b"),
    ],
)
def test_a_channel_shows_on_each_day_what_its_rules_let_it(
    channel: str, mechanic: frozenset[Mechanic], before: str, spec: str, opened: str
) -> None:
    told = [
        "".join(LETTERS[one.stance] for one in showing(channel_policy(), Channel(channel), on=on, mechanics=mechanic))
        for on in (BEFORE, SPEC, OPENED)
    ]

    assert told == [before, spec, opened]


@pytest.mark.parametrize(
    ("channel", "mechanic", "on", "form"),
    [
        ("wechat_group", OFFER, OPENED, Form.CARD),
        ("moments", OFFER, SPEC, Form.LINK),
        ("moments", OFFER, OPENED, Form.CARD),
        ("mini_program", OFFER, OPENED, Form.CODE),
        ("alipay", OFFER, OPENED, Form.CARD),
        ("wechat_chat", GROUP, OPENED, Form.CARD),
        ("moments", GROUP, SPEC, None),
        ("alipay", CUT, OPENED, Form.CARD),
        ("sms", CUT, OPENED, None),
        ("bare_chat", OFFER, OPENED, Form.CODE),
        ("sms", OFFER, OPENED, Form.LINK),
        ("counter", OFFER, OPENED, Form.CODE),
        ("wechat_group", CUT, OPENED, None),
    ],
)
def test_the_richest_form_that_is_let_in_is_chosen(
    channel: str, mechanic: frozenset[Mechanic], on: date, form: Form | None
) -> None:
    wanted = (Form.RELAY, Form.CODE, Form.LINK, Form.CARD)

    found = richest(channel_policy(), Channel(channel), wanted, on=on, mechanics=mechanic)

    assert (found and found.form) == form


def test_whatever_is_stopped_the_next_form_down_is_plain_words() -> None:
    stopped = Row(
        id="stopped", channels=(Channel.WECHAT_GROUP,), forms=(Form.CARD, Form.POSTER, Form.LINK, Form.CODE),
        says="banned", since=date(2026, 11, 23), basis=Basis.CONTRACT, rule=WORDS, reason=WORDS, source="a test",
    )  # fmt: skip
    policy = replace(channel_policy(), rows=(*channel_policy().rows, stopped))

    found = ladder(policy, Channel.WECHAT_GROUP, Form, on=date(2026, 11, 23))

    assert [one.form for one in found] == [Form.RELAY, Form.NONE]


def test_a_ruling_names_the_rows_that_decided() -> None:
    found = may_show(Channel.WECHAT_CHAT, Form.LINK, on=SPEC, mechanics=CUT)

    assert found.stance is Stance.BANNED
    assert [row.id for row in found.rows] == ["links-2019-induced", "induced-in-other-forms"]
    assert forms_for(Channel.MOMENTS, [Form.CODE], on=SPEC) == ()


@given(st.sampled_from(Channel), st.sampled_from(Form), mechanics, days, bans())
def test_one_more_ban_never_opens_anything(
    channel: Channel, form: Form, carried: frozenset[Mechanic], on: date, ban: Row
) -> None:
    stricter = Policy(channel_policy().channels, (*channel_policy().rows, ban))

    after = ruling(stricter, channel, form, on=on, mechanics=carried)
    before = ruling(channel_policy(), channel, form, on=on, mechanics=carried)

    assert before.stance.is_open or not after.stance.is_open


@given(st.sampled_from(Channel), st.sampled_from(Form), mechanics, mechanics, days)
def test_one_more_mechanic_never_opens_anything(
    channel: Channel, form: Form, carried: frozenset[Mechanic], more: frozenset[Mechanic], on: date
) -> None:
    after = ruling(channel_policy(), channel, form, on=on, mechanics=carried | more)
    before = ruling(channel_policy(), channel, form, on=on, mechanics=carried)

    assert before.stance.is_open or not after.stance.is_open


@given(st.sampled_from(Channel), days)
def test_a_form_has_one_word_of_its_channel_on_a_day(channel: Channel, on: date) -> None:
    """Rows about a form follow each other; none speaks over another."""
    for form in Form:
        speaking = [
            row
            for row in channel_policy().rows
            if channel in row.channels and not row.mechanics and (not row.forms or form in row.forms) and row.holds(on)
        ]
        assert len(speaking) <= 1, (form, [row.id for row in speaking])


def test_every_row_says_on_what_it_rests() -> None:
    assert [
        row.id for row in channel_policy().rows if row.rule.zh == row.rule.en or row.reason.zh == row.reason.en
    ] == []


ROW = """
[[rows]]
id = "a-row"
channels = ["sms"]
forms = ["link"]
says = "allowed"
basis = "choice"
rule = { zh = "规则", en = "rule" }
reason = { zh = "原因", en = "reason" }
source = "a test"
"""
SHIPPED = HOME.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("rows = [", "$"),
        (b"\xff", "$"),
        ("channels = []", "$"),
        ("rows = [1]\nchannels = []", "$.rows[0]"),
        (SHIPPED + ROW.replace("sms", "telegraph"), "$.LAST.channels[0]"),
        (SHIPPED + ROW.replace('"link"', '"song"'), "$.LAST.forms[0]"),
        (SHIPPED + ROW.replace("allowed", "perhaps"), "$.LAST.says"),
        (SHIPPED + ROW.replace('"choice"', '"mood"'), "$.LAST.basis"),
        (SHIPPED + ROW + "from = 2021-13-45", "$"),
        (SHIPPED + ROW + 'until = "never"', "$.LAST.until"),
        (SHIPPED + ROW + "forever = true", "$.LAST"),
        (SHIPPED + ROW.replace('source = "a test"', ""), "$.LAST"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str | bytes, place: str) -> None:
    with pytest.raises(PolicyMalformed) as refused:
        read_policy(text)

    last = f"rows[{len(channel_policy().rows)}]"
    assert refused.value.facts["place"] == place.replace("LAST", last)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (SHIPPED + ROW.replace("a-row", "nothing-leaves"), "].id"),
        (SHIPPED + ROW + "from = 2021-01-02\nuntil = 2021-01-01", "].until"),
        (SHIPPED + ROW + 'mechanics = ["cut"]', "].says"),
        (SHIPPED.replace('code = "taobao"', 'code = "sms"'), "channels"),
    ],
)
def test_what_contradicts_itself_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(PolicyUnsound) as refused:
        read_policy(text)

    assert str(refused.value.facts["place"]).endswith(place)
    assert refused.value.message("zh") != refused.value.message("en")
