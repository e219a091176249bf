"""What a play says, ready to paste."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.plays.catalogue import plays as catalogue
from lintuan.plays.engine.definition import Texts
from lintuan.plays.engine.gifts import gift, gifts, names_needed
from lintuan.plays.engine.progress import Collect, Draw, Prize, Reach
from lintuan.plays.engine.rewards import Cash, Chance, Coupon, Goods, Honour, Points, Pot, Price, Rebate, Reward, Uplift
from lintuan.plays.engine.telling import GENERAL, Told, figures, fill, filled_up, sure, tell
from lintuan.plays.engine.values import Text
from tests.make import plays

PLACE = re.compile(r"\{(\w+)\}")
EGGS = {"eggs": Text(zh="鸡蛋", en="Eggs")}
LEVELS = Reach(levels=(3, 6), of="run")
BUYERS = (plays.counting("paid", "people"),)
SPENT = (plays.counting("paid", "fen"),)


def words(text: str) -> Texts:
    return Texts(invite=plays.text(text), progress=plays.text(text), done=plays.text(text))


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_text_of_the_catalogue_can_be_filled(code: str) -> None:
    play = catalogue()[code]
    texts = (play.texts.invite, play.texts.progress, play.texts.done, play.skin.title, *play.skin.lines, play.terms)

    named = {name for text in texts for name in PLACE.findall(text.zh + text.en)}
    assert named <= GENERAL.keys()
    for told in (Told(), Told(count=2, level=1, code="7KQ2", name="Li", place=2, pot_fen=500, day_fen=1000)):
        for text in texts:
            filled = fill(text, figures(play, told))
            assert not re.search(r"[{}…]|None", filled.zh + filled.en)


@given(
    st.text(max_size=60),
    st.dictionaries(st.sampled_from([*GENERAL, "x"]), st.builds(Text, zh=st.text(), en=st.text())),
)
def test_no_brace_is_ever_seen(text: str, known: dict[str, Text]) -> None:
    filled = fill(Text(zh=text, en=text), {name: Text(zh="甲", en="a") for name in known})

    assert not re.search(r"[{}]", filled.zh + filled.en)


def test_what_nobody_knows_is_told_by_three_dots() -> None:
    assert fill(plays.text("a {nonsense} b"), {}) == Text(zh="a … b", en="A … b")


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 of 3, 3 left"), (2, "2 of 3, 1 left"), (3, "3 of 6, 3 left"), (6, "6 of 6, 0 left"), (9, "9 of 6, 0 left")],
)
def test_figures_are_of_the_next_level(count: int, said: str) -> None:
    play = plays.definition(LEVELS, counts=BUYERS, texts=words("{count} of {target}, {left} left"))

    assert tell(play, Told(count=count)).progress.en == said


def test_money_is_told_in_yuan() -> None:
    play = plays.definition(Reach(levels=(60_000,)), counts=SPENT, texts=words("{count}/{left}"))

    told = tell(play, Told(count=12_345)).progress
    assert (told.zh, told.en) == ("123.45 元/476.55 元", "123.45 yuan/476.55 yuan")


@pytest.mark.parametrize(
    ("level", "day_fen", "zh", "en"),
    [
        (0, 0, "9 折", "10% off"),
        (1, 0, "8.5 折", "15% off"),
        (0, 999, "8.99 元", "8.99 yuan"),
        (1, 10_000, "95 元", "95 yuan"),
    ],
)
def test_a_price_is_told_in_yuan_where_the_days_is_known(level: int, day_fen: int, zh: str, en: str) -> None:
    """What it saves is rounded up, and held by the most that it may save: 999 less a tenth is 899."""
    rewards = [Price(level=0, price_bps=9000, most_fen=500), Price(level=1, price_bps=8500, most_fen=500)]
    play = plays.definition(LEVELS, rewards, texts=words("{price}"))

    told = tell(play, Told(level=level, day_fen=day_fen)).invite
    assert (told.zh, told.en) == (zh, en)


def test_the_end_tells_of_the_level_that_was_reached_and_the_rest_of_the_next() -> None:
    rewards = [Coupon(level=0, off_fen=100), Coupon(level=1, off_fen=200)]
    play = plays.definition(LEVELS, rewards, counts=BUYERS, texts=words("{count}: {prize}"))

    first, whole = tell(play, Told(count=3, level=1)), tell(play, filled_up(play, Told(count=1)))

    assert (first.progress.zh, first.done.zh) == ("3: 2 元券", "3: 1 元券")
    assert (whole.progress.zh, whole.done.zh) == ("6: 2 元券", "6: 2 元券")


def test_a_draw_tells_its_first_prize_and_the_way_to_a_ticket() -> None:
    prizes = (Prize(name=Text(zh="大奖", en="the big one"), odds_ppm=1),)
    progress = Draw(prizes=prizes, ticket_every=5)
    play = plays.definition(progress, [Coupon(off_fen=100)], counts=BUYERS, texts=words("{left} {prize}"))

    assert tell(play, Told(count=7)).invite.zh == "3 大奖"


@pytest.mark.parametrize(
    ("reward", "zh", "en"),
    [
        (Coupon(off_fen=300, over_fen=3000), "满 30 减 3 元券", "a coupon of 3 yuan off 30"),
        (Coupon(off_fen=150), "1.50 元券", "a coupon of 1.50 yuan"),
        (Rebate(share_bps=10_000, most_fen=2000), "返最多 20 元", "up to 20 yuan back"),
        (Rebate(share_bps=250, most_fen=2000), "返 2.5%（最多 20 元）", "2.5% back (up to 20 yuan)"),
        (Goods(sku="eggs", worth_fen=900), "鸡蛋", "Eggs"),
        (Goods(sku="eggs", units=2, worth_fen=900), "鸡蛋 2 份", "2 × Eggs"),
        (Goods(sku="rice", worth_fen=900), "礼品", "a gift"),
        (Cash(fen=50), "0.50 元余额", "0.50 yuan of credit"),
        (Points(points=20), "20 积分", "20 points"),
        (Chance(play="lucky-wheel", tickets=1), "1 次抽奖机会", "a draw"),
        (Uplift(bps=100, most_fen=500), "佣金加 1%", "1% more commission"),
        (Pot(most_fen=60_000), "瓜分奖池（最多 600 元）", "a share of a pot of up to 600 yuan"),
        (Honour(name=Text(zh="状元", en="First of all")), "状元", "First of all"),
    ],
)
def test_a_reward_in_words(reward: Reward, zh: str, en: str) -> None:
    assert gift(reward, EGGS) == Text(zh=zh, en=en)


def test_the_same_reward_is_told_once() -> None:
    rewards = [Coupon(level=0, off_fen=300), Coupon(level=1, off_fen=300), Cash(level=1, fen=100)]

    assert gifts(plays.definition(LEVELS, rewards), {}).zh == "3 元券、1 元余额"


def test_names_are_needed_of_what_is_given_and_of_what_is_collected_by_buying() -> None:
    eggs = Goods(sku="eggs", worth_fen=100)
    by_kinds = (plays.counting("paid", "kinds"),)

    assert names_needed(plays.definition(LEVELS, [eggs, eggs])) == ("eggs",)
    bought = plays.definition(Collect(of=("leek", "yam"), levels=(2,)), [eggs], counts=by_kinds)
    assert names_needed(bought) == ("eggs", "leek", "yam")
    assert names_needed(plays.definition(Collect(of=("a", "b"), levels=(2,)), [Cash(fen=1)])) == ()


KNOWN = {"count": Text(zh="3 位", en="three"), "until": Text(zh="20:00", en="20:00")}


@pytest.mark.parametrize(
    ("zh", "en", "said_zh", "said_en"),
    [
        ("{count}。{until} 止。", "{count} so far. Until {until}.", "3 位。20:00 止。", "Three so far. Until 20:00."),
        ("{winner}中了！{until} 再来。", "{winner} won! Again at {until}.", "20:00 再来。", "Again at 20:00."),
        ("已有 {count}；{winner}领先", "{count} so far; {winner} leads", "已有 3 位", "Three so far"),
        ("{winner}中了！", "{winner} won!", "", ""),
        ("{}、{until", "{}{until", "、until", "Until"),
    ],
)  # fmt: skip
def test_a_sentence_about_what_nobody_knows_is_left_out(zh: str, en: str, said_zh: str, said_en: str) -> None:
    text = Text(zh=zh, en=en)

    assert (sure(text, KNOWN, "zh-hans"), sure(text, KNOWN, "en")) == (said_zh, said_en)


@given(st.text(alphabet="a。. {}xuntil", max_size=40).filter(bool), st.sampled_from(["zh-hans", "en"]))
def test_what_is_sure_has_no_brace_and_no_dots_for_the_unknown(text: str, language: str) -> None:
    assert not re.search(r"[{}…]", sure(Text(zh=text, en=text), KNOWN, language))
