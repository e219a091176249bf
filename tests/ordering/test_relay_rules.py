"""By which words tonight's goods are known, and whose line is whose when a list is pasted again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.ordering import errors
from lintuan.ordering.engine.relays import (
    CODE_LENGTH,
    Doubt,
    DraftLine,
    DraftState,
    Known,
    Sold,
    check_within,
    doubts,
    goods,
    lines_of,
    match,
    read_marks,
    read_relay_code,
    relay_code,
    state_of,
    without_our_words,
)
from lintuan.ordering.types import WantedLine
from lintuan.plays.engine.relay import Entry, Item


@pytest.mark.parametrize(
    ("names", "known"),
    [
        (["土鸡蛋"], [("土鸡蛋", "鸡蛋")]),
        (["东北大米", "五常大米"], [("东北大米", "北大米"), ("五常大米", "常大米")]),
        (["小青菜", "青菜"], [("小青菜",), ("青菜",)]),
        (["土豆(黄心)"], [("土豆(黄心)", "土豆")]),
        (["砀山梨"], [("砀山梨", "山梨")]),
        (["鲜虾500g"], [("鲜虾500g",)]),
        (["【特价】老豆腐"], [("【特价】老豆腐", "老豆腐", "豆腐")]),
    ],
)
def test_a_good_is_known_by_what_means_it_alone(names: list[str], known: list[tuple[str, ...]]) -> None:
    found = goods([Sold(number, name) for number, name in enumerate(names, 1)])

    assert [one.good.names for one in found] == known


def test_what_is_called_alike_is_known_with_its_size_only() -> None:
    greens = [Sold(number, "上海青", spec=spec) for number, spec in enumerate(("300g", "500g", "1kg", "1kg"))]
    small, large, *alike, other = goods([*greens, Sold(5, "土豆", "Potatoes", unit="袋")])

    assert [(one.told, one.good.names) for one in (small, large)] == [
        ("上海青300g", ("上海青300g",)), ("上海青500g", ("上海青500g",)),
    ]  # fmt: skip
    assert [(one.told, one.good.names) for one in alike] == [("上海青1kg", ())] * 2
    assert (other.told, other.good.names, other.good.measures) == ("土豆", ("土豆", "Potatoes"), "袋")


@given(st.lists(st.text("土豆鸡蛋青菜米", min_size=1, max_size=6), max_size=8))
def test_no_word_means_two_goods_unless_one_is_the_others_whole_name(names: list[str]) -> None:
    found = goods([Sold(number, name, spec=str(number)) for number, name in enumerate(names)])

    words = [word for one in found for word in one.good.names]
    assert len(words) == len(set(words))


def entry(number: int, name: str, units: int = 1, **more: object) -> Entry:
    return Entry(number, name, (Item(1, units),), **more)  # type: ignore[arg-type]


def known(place: int, of: Entry) -> Known:
    return Known(place, of.number, of.name, read_marks(of))


@pytest.mark.parametrize(
    ("now", "before", "same"),
    [
        ([entry(1, "张姐")], [entry(1, "张姐")], [0]),
        ([entry(4, "张姐")], [entry(1, "张姐")], [0]),
        ([entry(1, "张姐", 3)], [entry(1, "张姐")], [0]),
        ([entry(4, "张 姐", 3)], [entry(1, "张姐")], [0]),
        ([entry(1, "李哥")], [entry(1, "张姐")], [None]),
        ([entry(1, "张姐"), entry(7, "张姐", 2)], [entry(1, "张姐")], [0, None]),
        ([entry(1, "张姐", 2), entry(2, "张姐", 1)], [entry(1, "张姐", 1), entry(2, "张姐", 2)], [1, 0]),
        ([entry(1, "", 2)], [entry(1, "")], [0]),
        ([entry(2, "")], [entry(1, "")], [None]),
    ],
    ids=["same", "moved", "reworded", "both", "other", "twice", "swapped", "nameless", "nameless moved"],
)
def test_the_name_says_whose_a_line_is(now: list[Entry], before: list[Entry], same: list[int | None]) -> None:
    found = match(now, [known(place, one) for place, one in enumerate(before)])

    assert [was.id if was else None for _, was in found] == same


ENTRIES = st.lists(
    st.builds(entry, st.integers(1, 5), st.sampled_from(["", "张姐", "李哥"]), st.integers(1, 2)), max_size=6
)


@given(ENTRIES, ENTRIES)
def test_no_draft_is_two_lines(now: list[Entry], before: list[Entry]) -> None:
    found = match(now, [known(place, one) for place, one in enumerate(before)])

    ids = [was.id for _, was in found if was]
    assert [one for one, _ in found] == now
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("line", "why", "state"),
    [
        (entry(1, "张姐"), (), DraftState.READY),
        (Entry(1, "张姐"), (Doubt.NOTHING,), DraftState.UNSETTLED),
        (entry(1, "张姐", unread="榴莲"), (Doubt.UNREAD,), DraftState.UNSETTLED),
        (Entry(1, "张姐", (Item(1, 2, is_sure=False),)), (Doubt.UNSURE,), DraftState.UNSETTLED),
        (entry(1, "张姐", 100), (Doubt.UNSURE,), DraftState.UNSETTLED),
        (entry(1, "张姐", 99), (), DraftState.READY),
        (Entry(1, "张姐", (Item(1, 1), Item(2, 1), Item(3, 1))), (Doubt.UNSURE,), DraftState.UNSETTLED),
        (Entry(1, "张姐", is_gone=True), (Doubt.NOTHING,), DraftState.WITHDRAWN),
    ],
)
def test_what_is_in_doubt_waits_for_the_leader(line: Entry, why: tuple[Doubt, ...], state: DraftState) -> None:
    lines = lines_of(line, most_lines=2, most_units=99)

    assert (doubts(lines, line.unread), state_of(line, lines)) == (why, state)


def test_less_may_be_confirmed_and_not_more() -> None:
    drafted = (DraftLine(1, 2), DraftLine(2, 1))

    check_within((WantedLine(1, 1, 300),), drafted)
    for wanted in (WantedLine(1, 3, 300), WantedLine(3, 1, 300)):
        with pytest.raises(errors.RelayChanged):
            check_within((wanted,), drafted)


@pytest.mark.parametrize(
    "line",
    [
        "#接龙 东湖1号自提点，11月20日 周五 23:00 截单",
        "【1】土豆 ¥3.00/份",
        "请接：编号. 称呼 土豆2份",
        "张姐 7KQ2 土豆2份 鸡蛋1板 共 12.60 元",
        "Zhang 7KQ2 Potatoes × 2 ¥6.00 in all",
        "请打开链接，输入编号确认并付款：https://example.org/?page=draft&point=a",
        "接龙已确认 12/30，还差：张姐、李哥",
        "12 of 30 confirmed, still missing: Zhang",
    ],
)
def test_what_we_wrote_into_the_chat_is_nobodys_wish(line: str) -> None:
    assert (
        without_our_words(f"1. 张姐 土豆2份\n{line}\n2. 李哥 一共 12 元的鸡蛋")
        == "1. 张姐 土豆2份\n2. 李哥 一共 12 元的鸡蛋"
    )


def test_a_code_is_read_however_it_was_typed() -> None:
    code = relay_code(lambda below: below - 1)

    assert (code, len(code)) == ("YYYY", CODE_LENGTH)
    assert [read_relay_code(text) for text in ("yy-yy", " y y y y ", "YYYYY")] == ["YYYY", "YYYY", "YYYYY"]
