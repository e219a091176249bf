"""Relay lists as they are typed in groups at night."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.plays.engine.relay import Entry, Good, Item, read_list, read_relay

POTATO = Good(1, ("黄心土豆", "土豆", "洋芋"), "份袋")
EGG = Good(2, ("农家鸡蛋", "鸡蛋"), "板盒")
GREENS = Good(3, ("上海青", "青菜", "小青菜"), "份把")
MELON = Good(4, ("麒麟西瓜", "西瓜"), "个")
GOODS = (POTATO, EGG, GREENS, MELON)


def wishes(entry: Entry) -> dict[int, int]:
    return {item.offer_id: item.quantity for item in entry.items}


@pytest.mark.parametrize(
    ("line", "name", "items"),
    [
        ("3. 张姐 土豆2份 鸡蛋1板", "张姐", {1: 2, 2: 1}),
        ("1、李哥：鸡蛋x2", "李哥", {2: 2}),
        ("2 王阿姨 土豆两份，青菜一把", "王阿姨", {1: 2, 3: 1}),
        ("4）小陈 2份土豆 3板鸡蛋", "小陈", {1: 2, 2: 3}),
        ("5.刘姐土豆3", "刘姐", {1: 3}),
        ("6。周 鸡蛋 土豆", "周", {2: 1, 1: 1}),
        ("⑦ 赵姐 西瓜１个", "赵姐", {4: 1}),
        ("8．吴🌸 土豆✖️2 谢谢团长", "吴", {1: 2}),
        ("9-郑姐-鸡蛋*2-土豆*1", "郑姐", {2: 2, 1: 1}),
        ("10 冯：要土豆十二份", "冯", {1: 12}),
        ("11.3栋陈姐 农家鸡蛋2板、上海青1份", "3栋陈姐", {2: 2, 3: 1}),
        ("12,韩 洋芋 两份 小青菜三把", "韩", {1: 2, 3: 3}),
        ("13.杨姐 鸡蛋+2", "杨姐", {2: 2}),
        ("14、朱 我要一个西瓜", "朱", {4: 1}),
        ("15. 秦 土豆1份 再加土豆2份", "秦", {1: 3}),
        ("16.许  土豆２袋", "许", {1: 2}),
        ("第17 何姐 鸡蛋俩", "何姐", {2: 2}),
        ("18楼 吕 青菜 2", "吕", {3: 2}),
        ("20.张\u200b姐 黄心土豆二十份", "张姐", {1: 20}),
        ("21、孔(代收) 鸡蛋1盒", "孔 代收", {2: 1}),
        ("22.曹 KT 土豆x3", "曹 KT", {1: 3}),
        ("23.严  西瓜 要2个", "严", {4: 2}),
    ],
)
def test_a_line_is_read_as_it_is_meant(line: str, name: str, items: dict[int, int]) -> None:
    (entry,) = read_relay(line, GOODS)

    assert (entry.name, wishes(entry), entry.unread, entry.is_gone) == (name, items, "", False)
    assert all(item.is_sure for item in entry.items)


def test_an_unusual_measure_is_not_sure() -> None:
    (entry,) = read_relay("1. 张姐 鸡蛋2斤", GOODS)

    assert entry.items == (Item(2, 2, is_sure=False),)


def test_a_number_between_two_goods_is_of_the_one_that_it_touches_and_nobody_is_sure() -> None:
    (entry,) = read_relay("19: 施 土豆 2份鸡蛋", GOODS)

    assert entry.items == (Item(1, 1, is_sure=False), Item(2, 2))


def test_what_nobody_sells_stays_beside_the_entry() -> None:
    (entry,) = read_relay("1. 张姐 土豆2份 榴莲1个", GOODS)

    assert (wishes(entry), entry.unread) == ({1: 2}, "榴莲1个")


@pytest.mark.parametrize("line", ["3. 张姐 取消", "3. 张姐 土豆2份 不要了", "3. 张姐 退出"])
def test_who_steps_back_wishes_nothing(line: str) -> None:
    (entry,) = read_relay(line, GOODS)

    assert (entry.is_gone, entry.items) == (True, ())


def test_the_same_as_above_and_the_same_as_somebody() -> None:
    entries = read_relay("1. 张姐 土豆2份\n2. 李哥 鸡蛋1板\n3. 王姐 同上\n4. 陈 同1楼", GOODS)

    assert [wishes(entry) for entry in entries[2:]] == [{2: 1}, {1: 2}]
    assert [entry.name for entry in entries[2:]] == ["王姐", "陈"]


def test_where_there_is_one_good_plus_one_is_enough() -> None:
    entries = read_relay("1.张姐+1\n2.李哥 +2\n3 王姐+十", (POTATO,))

    assert [(entry.name, wishes(entry)) for entry in entries] == [("张姐", {1: 1}), ("李哥", {1: 2}), ("王姐", {1: 10})]
    assert wishes(read_relay("1.张姐+1", GOODS)[0]) == {}


def test_head_and_tail_are_not_entries_and_lines_may_break() -> None:
    text = "#接龙\n今晚团购：土豆 3.9 一份\n\n1. 张姐 土豆2份\n鸡蛋1板\n2份青菜\n2. 李哥\n"

    first, second = read_relay(text, GOODS)

    assert (first.name, wishes(first)) == ("张姐", {1: 2, 2: 1, 3: 2})
    assert (second.name, second.items) == ("李哥", ())


def test_of_a_number_that_comes_twice_the_last_one_counts() -> None:
    (entry,) = read_relay("1. 张姐 土豆2份\n1. 张姐 土豆3份", GOODS)

    assert wishes(entry) == {1: 3}


@given(
    st.text(alphabet=st.sampled_from("123 .、:xX*+份板斤个两十俩土豆鸡蛋青菜西瓜张姐\n🌸（）同上取消#"), max_size=80)
)
def test_whatever_is_pasted_gives_positive_quantities_of_known_goods(text: str) -> None:
    for entry in read_relay(text, GOODS):
        assert all(item.offer_id in {1, 2, 3, 4} and 0 <= item.quantity <= 999 for item in entry.items)
        assert len({item.offer_id for item in entry.items}) == len(entry.items)


@given(
    st.lists(
        st.tuples(st.sampled_from(GOODS), st.integers(1, 30)), min_size=1, max_size=4, unique_by=lambda one: one[0]
    )
)
def test_what_the_product_writes_it_reads_again(wished: list[tuple[Good, int]]) -> None:
    line = "7. 王姐 " + " ".join(f"{good.names[0]}{quantity}{good.measures[0]}" for good, quantity in wished)

    (entry,) = read_relay(line, GOODS)

    assert wishes(entry) == {good.offer_id: quantity for good, quantity in wished}


PORK = Good(5, ("前腿肉", "猪肉"), "斤")
MESSY = (Path(__file__).parent / "relay_messy.txt").read_text()
#: Line by line of the pasted list: number, name, wishes, and what was not understood with its reason.
MEANT: dict[int, tuple[int, str, dict[int, int], list[tuple[str, str]]]] = {
    6: (2, "李哥", {2: 2, 3: 1}, []),
    7: (3, "王阿姨", {1: 2}, []),
    8: (4, "小陈", {1: 2, 2: 3}, []),
    9: (5, "赵姐3栋2单元501", {4: 1}, []),
    10: (6, "钱婶", {1: 3}, []),
    11: (7, "孙", {2: 2}, []),
    12: (8, "周", {1: 3}, []),
    13: (9, "吴", {1: 3}, []),
    14: (10, "代李姐", {1: 1}, []),
    15: (11, "鲁姐", {3: 2}, []),
    16: (12, "韩", {1: 2, 2: 1}, []),
    18: (13, "杨", {}, [("猪肉半斤", "part")]),
    19: (14, "朱", {2: 1}, [("大白菜2颗", "not_sold")]),
    20: (15, "秦", {}, []),
    21: (16, "许", {2: 1}, []),
    22: (17, "何", {}, [("都要", "all")]),
    23: (18, "吕", {}, [("+1", "which_good")]),
    24: (19, "施", {1: 2, 2: 2}, []),
    25: (20, "", {}, [("今天的菜新鲜吗?", "question")]),
    26: (21, "孔", {}, [("土豆2-3份", "quantity")]),
    27: (22, "曹姐", {4: 1, 3: 1}, []),
    28: (1, "张姐", {1: 3, 2: 1}, []),
    29: (23, "严", {1: 2}, []),
    30: (24, "华", {}, [("同17楼", "same_unclear")]),
    31: (25, "金", {2: 2}, []),
    33: (26, "陶", {2: 1}, []),
    34: (27, "姜", {}, [("土豆2000份", "too_many")]),
    35: (28, "戚", {}, [("都要", "all")]),
    36: (29, "谢", {1: 1}, [("29", "same_number")]),
    37: (29, "邹", {1: 1}, [("29", "same_number")]),
    38: (30, "喻", {}, [("", "nothing")]),
}


@pytest.mark.parametrize("line", sorted(MEANT))
def test_a_messy_line_is_read_as_it_is_meant_or_reported(line: int) -> None:
    (entry,) = [one for one in read_list(MESSY, (*GOODS, PORK)).entries if one.line == line]

    doubts = [(doubt.text, doubt.reason) for doubt in entry.doubts]
    assert (entry.number, entry.name, wishes(entry), doubts) == MEANT[line]
    assert entry.is_gone == (line == 20)
    # Eggs go by the board: two jin of them are doubted, without a word that was not understood.
    assert all(item.is_sure for item in entry.items) == (line != 31)
    assert all(doubt.words.zh and doubt.words.en for doubt in entry.doubts)


def test_every_line_of_a_messy_list_is_an_entry_or_stands_aside_with_its_reason() -> None:
    relay = read_list(MESSY, (*GOODS, PORK))

    aside = {one.line: one.reason for one in relay.asides}
    heads = dict.fromkeys(range(1, 5), "head")
    assert aside == heads | {5: "written_anew", 17: "talk", 32: "no_number"}
    assert {one.line for one in relay.entries} | set(aside) == set(range(1, 39))
    assert [one.words.zh for one in relay.asides if one.line == 32] == ["没有编号，不知道是谁要的"]


def test_who_writes_for_somebody_says_for_whom() -> None:
    relay = read_list(MESSY, (*GOODS, PORK))

    assert {one.number: one.behalf for one in relay.entries if one.behalf} == {10: "李姐", 11: "冯奶奶"}


@pytest.mark.parametrize(
    ("line", "items", "reasons"),
    [
        # A name that two goods have is neither of them.
        ("1. 张姐 土豆2份", {}, ["which_good"]),
        ("1. 张姐 黄心土豆2份", {1: 2}, []),
        # 包 is a measure, but not where 包菜 is sold.
        ("1. 张姐 红皮土豆2包菜1", {6: 2, 7: 1}, []),
        ("1. 张姐 包菜2包", {7: 2}, []),
        # What was struck through is gone, and where that is all, so is the entry.
        ("1. 张姐 包̶菜̶2̶份̶", {}, []),
        ("1. 张姐 包菜2份 红皮土豆1份 不要了", {}, ["what_is_gone"]),
        ("1. 张姐 包菜2份，红皮土豆1份，不要了", {}, []),
        ("1. 张姐 取消包菜 红皮土豆1份", {6: 1}, []),
        ("1. 张姐 包菜要大的2份", {7: 1}, ["words", "quantity"]),
        ("1. 张姐 包菜2份改红皮土豆1份", {6: 1}, ["what_is_gone"]),
        ("1. 张姐 包菜2份和1份红皮土豆", {7: 2, 6: 1}, []),
        ("1. 张姐 半份包菜", {}, ["part"]),
        ("1. 张姐 包菜二两", {}, ["part"]),
        ("1. 张姐 包菜两三份", {}, ["quantity"]),
        ("1. 张姐 红皮土豆1份 包菜取消", {6: 1}, []),
        ("1. 张姐 上次的包菜坏了", {}, ["remark"]),
        ("1. 张姐 包菜3块钱一份的2份", {7: 2}, []),
        ("1. 张姐 包菜2.5斤", {}, ["part"]),
        ("1. 张姐 包菜0份", {}, ["quantity"]),
        ("1. 张姐 2份", {}, ["not_sold"]),
    ],
)
def test_what_may_be_meant_in_two_ways_is_not_guessed(line: str, items: dict[int, int], reasons: list[str]) -> None:
    goods = (Good(1, ("黄心土豆", "土豆")), Good(6, ("红皮土豆", "土豆")), Good(7, ("包菜",), "份包"))

    (entry,) = read_relay(line, goods)

    assert (wishes(entry), [doubt.reason for doubt in entry.doubts]) == (items, reasons)


def test_the_same_and_more_is_added_and_the_same_but_other_is_not_guessed() -> None:
    text = "1. 张姐 土豆2份\n2. 李哥 同上 再加鸡蛋1板\n3. 王姐 同1楼，鸡蛋2板\n4. 陈 土豆1份\n5. 陈 土豆1份"

    entries = read_relay(text, GOODS)

    assert [wishes(entry) for entry in entries] == [{1: 2}, {1: 2, 2: 1}, {}, {1: 1}, {1: 1}]
    assert [[doubt.reason for doubt in entry.doubts] for entry in entries] == [
        [],
        [],
        ["same_and_other"],
        [],
        ["repeated"],
    ]


@given(
    st.text(
        alphabet=st.sampled_from(
            "1239.、:xX*+-~/份板斤半两十百俩都各要改再不同上跟一样取消代帮土豆鸡蛋包菜西瓜张姐元¥吗?，。\n \u0336①７🌸"
        ),
        max_size=120,
    )
)
def test_no_line_is_lost_and_what_gives_nothing_says_why(text: str) -> None:
    relay = read_list(text, GOODS)

    lines = [one.line for one in (*relay.entries, *relay.asides)]
    assert len(set(lines)) == len(lines)
    for entry in relay.entries:
        assert entry.items or entry.is_gone or entry.doubts
        assert all(1 <= item.quantity <= 999 for item in entry.items)
    # A pasted list says the same when it is pasted twice: each entry is only written anew.
    anew = read_list(f"{text}\n{text}", GOODS) if text.strip() else relay
    assert {entry.number for entry in anew.entries} == {entry.number for entry in relay.entries}
