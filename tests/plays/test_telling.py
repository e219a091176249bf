"""What a play says, ready to paste."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from lintuan.plays.catalogue import plays as catalogue
from lintuan.plays.engine.definition import Definition, Texts
from lintuan.plays.engine.gifts import gift, gifts, money, names_needed, yuan
from lintuan.plays.engine.progress import Collect, Draw, Prize, Reach, Streak
from lintuan.plays.engine.rewards import Cash, Chance, Coupon, Goods, Honour, Points, Pot, Price, Rebate, Reward, Uplift
from lintuan.plays.engine.telling import (
    FIGURES,
    GENERAL,
    Told,
    before,
    counts_alone,
    figures,
    fill,
    filled_up,
    has_turns,
    own_figures,
    places_of,
    public,
    sure,
    tell,
)  # fmt: skip
from lintuan.plays.engine.values import Text
from tests.make import plays

EGGS = {"eggs": Text(zh="鸡蛋", en="Eggs")}
LEVELS = Reach(levels=(3, 6), of="run")
BUYERS = (plays.counting("paid", "people"),)
SPENT = (plays.counting("paid", "fen"),)


def words(text: str) -> Texts:
    return Texts(invite=plays.text(text), progress=plays.text(text), done=plays.text(text))


#: What every name would be told as, to see it again in a text.
MARKS = {name: Text(zh=f"<{name}>", en=f"<{name}>") for name in (*GENERAL, *FIGURES)}
WHOSE = ("<name>", "<opener>", "<team>", "<point>")


def texts_of(play: Definition) -> list[Text]:
    return [play.skin.title, *play.skin.lines, *structs.astuple(play.texts), play.terms]


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_own_figures_are_told_to_the_one_whose_they_are_and_to_nobody_else(code: str) -> None:
    """A guest reads none, nor does who is told of everybody; the member reads all, and others those with a name."""
    play = catalogue()[code]
    own = own_figures(play)
    marks = {f"<{name}>" for name in own}
    guest = {name: mark for name, mark in MARKS.items() if name not in own}
    for text in texts_of(play):
        asked = {f"<{name}>" for name in places_of(text) & own}
        for language in ("zh-hans", "en"):
            for said in (fill(text, guest).in_(language), sure(text, guest, language)):
                assert not re.search(r"[{}…]", said)
                assert not [mark for mark in marks if mark in said.lower()]
            assert {mark for mark in marks if mark in sure(text, MARKS, language).lower()} == asked
            told = sure(public(play, text), MARKS, language).lower()
            for sentence in re.split(r"[。！？；]|[.!?;](?=\s)", told):
                assert not any(mark in sentence for mark in marks) or any(name in sentence for name in WHOSE)


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_own_figures_are_known_of_a_member_alone(code: str) -> None:
    play = catalogue()[code]
    every = Told(count=2, level=1, joined=3, name="Li", offer=plays.text(), code="7KQ2", day_fen=900)
    member = structs.replace(every, own=1, mine=5, turns=1, place=4)

    assert not own_figures(play) & figures(play, every).keys()
    assert {"mine", "turns", "place"} <= figures(play, member).keys()
    assert ("count" in figures(play, member)) == ("count" in figures(play, every) or counts_alone(play))


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_text_of_the_catalogue_says_something_to_all(code: str) -> None:
    play = catalogue()[code]
    for told in (Told(), Told(count=2, level=1, joined=3, code="7KQ2", day_fen=1000)):
        for text in (*structs.astuple(tell(play, told)), fill(play.terms, figures(play, told))):
            assert all(re.search(r"\w", said) and not re.search(r"[{}…]|None", said) for said in (text.zh, text.en))
        title = before(play, play.skin.title, told)
        assert not re.search(r"[{}…]|None", title.zh + title.en)


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_turns_are_told_where_there_are_some(code: str) -> None:
    play = catalogue()[code]
    asks = [text for text in texts_of(play) if "turns" in places_of(text)]

    assert not asks or has_turns(play)
    for text in asks:
        assert fill(text, figures(play, Told(count=9))) == Text(zh="", en="")
        assert "4" in fill(text, figures(play, Told(count=9, turns=4))).zh


@given(
    st.text(max_size=60),
    st.dictionaries(st.sampled_from([*GENERAL, *sorted(FIGURES), "x"]), st.builds(Text, zh=st.text(), en=st.text())),
)
def test_no_brace_is_ever_seen(text: str, known: dict[str, Text]) -> None:
    filled = fill(Text(zh=text, en=text), {name: Text(zh="甲", en="a") for name in known})

    assert not re.search(r"[{}]", filled.zh + filled.en)


def test_what_nobody_knows_is_told_by_three_dots() -> None:
    assert fill(plays.text("a {nonsense} b"), {}) == Text(zh="a … b", en="A … b")


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 of 3, 3 left. Next 3"),
        (2, "2 of 3, 1 left. Next 3"),
        (3, "3 of 6, 3 left. Next 6"),
        (6, "Next 6"),
        (9, "Next 6"),
    ],
)
def test_figures_are_of_the_next_level_and_nothing_is_missing_after_the_last(count: int, said: str) -> None:
    play = plays.definition(LEVELS, counts=BUYERS, texts=words("{count} of {target}, {left} left. Next {target}"))

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
        (1, 10_000, "95.00 元", "95.00 yuan"),
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

    assert (first.progress.zh, first.done.zh) == ("3: 2.00 元券", "3: 1.00 元券")
    assert (whole.progress.zh, whole.done.zh) == ("6: 2.00 元券", "6: 2.00 元券")


def test_a_draw_tells_its_first_prize_and_the_way_to_a_ticket() -> None:
    prizes = (Prize(name=Text(zh="大奖", en="the big one"), odds_ppm=1),)
    progress = Draw(prizes=prizes, ticket_every=5)
    play = plays.definition(progress, [Coupon(off_fen=100)], counts=BUYERS, texts=words("{name}: {left} {prize}"))

    assert tell(play, Told(count=7, own=2, name="Li")).invite.zh == "Li: 3 大奖"
    assert tell(play, Told(count=7)).invite.zh == ""


@pytest.mark.parametrize(
    ("reward", "zh", "en"),
    [
        (Coupon(off_fen=300, over_fen=3000), "满 30.00 减 3.00 元券", "a coupon of 3.00 yuan off 30.00"),
        (Coupon(off_fen=150), "1.50 元券", "a coupon of 1.50 yuan"),
        (Rebate(share_bps=10_000, most_fen=2000), "返最多 20.00 元", "up to 20.00 yuan back"),
        (Rebate(share_bps=250, most_fen=2000), "返 2.5%（最多 20.00 元）", "2.5% back (up to 20.00 yuan)"),
        (Goods(sku="eggs", worth_fen=900), "鸡蛋", "Eggs"),
        (Goods(sku="eggs", units=2, worth_fen=900), "鸡蛋 2 份", "2 × Eggs"),
        (Goods(sku="rice", worth_fen=900), "价值 9.00 元的礼品", "a gift worth 9.00 yuan"),
        (Cash(fen=50), "0.50 元余额", "0.50 yuan of credit"),
        (Points(points=20), "20 积分", "20 points"),
        (Chance(play="lucky-wheel", tickets=1), "抽奖机会 1 次", "a draw"),
        (Price(price_bps=8800, most_fen=400), "8.8 折（最多减 4.00 元）", "12% off (up to 4.00 yuan)"),
        (Chance(play="free-draw", tickets=2), "周日抽奖抽奖机会 2 次", "2 draws of Sunday draw"),
        (Uplift(bps=100, most_fen=500), "佣金加 1%（最多 5.00 元）", "1% more commission (up to 5.00 yuan)"),
        (Pot(most_fen=60_000), "瓜分奖池（最多 600.00 元）", "a share of a pot of up to 600.00 yuan"),
        (Honour(name=Text(zh="状元", en="First of all")), "状元", "First of all"),
    ],
)
def test_a_reward_in_words(reward: Reward, zh: str, en: str) -> None:
    assert gift(reward, EGGS, plays={"free-draw": Text(zh="周日抽奖", en="Sunday draw")}) == Text(zh=zh, en=en)


@given(st.integers(0, 10**8))
def test_money_in_words_has_two_decimals(fen: int) -> None:
    assert re.fullmatch(r"\d+\.\d\d yuan", money(fen).en)
    assert int(yuan(fen).replace(".", "")) == fen


def test_goods_of_a_draw_that_stand_for_nothing_yet_are_called_as_its_prize_is() -> None:
    prizes = (Prize(name=Text(zh="土鸡蛋", en="farm eggs"), odds_ppm=1),)
    play = plays.definition(Draw(prizes=prizes), [Goods(sku="eggs", worth_fen=900)])

    assert (gifts(play).zh, gifts(play, EGGS).zh) == ("土鸡蛋", "鸡蛋")


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "1 to 2 points"), (1, "1 to 5 points"), (2, "1 to 9 points"), (3, "1 to 2 points")],
)
def test_a_row_that_begins_anew_tells_of_its_first_level_again(days: int, said: str) -> None:
    rewards = [Points(level=at, points=points) for at, points in enumerate((2, 5, 9))]
    play = plays.definition(Streak(levels=(1, 2, 3), again=True), rewards)

    assert fill(plays.text("{left} to {prize}"), figures(play, Told(own=days, level=days))).en == said


@pytest.mark.parametrize(
    ("count", "level", "progress", "done"),
    [(0, 0, "5.00", "5.00"), (15_000, 0, "8.00", "8.00"), (90_000, 1, "20.00", "20.00")],
)
def test_a_pot_is_told_as_it_stands(count: int, level: int, progress: str, done: str) -> None:
    """5 yuan and 2% of what was paid, 20 at most."""
    pots = [Pot(fen=500, share_bps=200, most_fen=2000)]
    play = plays.definition(Reach(levels=(20_000,)), pots, counts=SPENT, texts=words("{pot}"))

    told = tell(play, Told(count=count, level=level))
    assert (told.progress.en, told.done.en) == (f"{progress} yuan", f"{done} yuan")


def test_the_end_tells_of_all_pots_up_to_the_level_and_what_it_took() -> None:
    pots = [Pot(level=0, fen=2000, most_fen=2000), Pot(level=1, fen=3000, most_fen=3000)]
    play = plays.definition(LEVELS, pots, counts=BUYERS, texts=words("{target}: {pot}"))

    assert [tell(play, Told(count=3, level=1)).done.zh, tell(play, Told(count=7, level=2)).done.zh] == [
        "3: 20.00 元",
        "6: 50.00 元",
    ]


def test_the_end_of_a_draw_does_not_say_what_was_drawn() -> None:
    prizes = (Prize(name=Text(zh="大奖", en="the big one"), odds_ppm=1),)
    play = plays.definition(Draw(prizes=prizes), [Coupon(off_fen=100)], texts=words("{prize}"))

    assert tell(play, Told(count=1, level=1)).done.en == "The reward"


@pytest.mark.parametrize(
    ("zh", "en", "said_zh", "said_en"),
    [
        ("【接龙】{turns}。好。", "Relay: {turns}. Good.", "【接龙】好。", "Relay: Good."),
        ("【接龙】{turns}。", "Relay: {turns}.", "", ""),
        ("【{leader}价】好。", "{leader}'s: good.", "【团长价】好。", "The leader's: good."),
    ],
)
def test_what_is_left_stands_under_its_heading(zh: str, en: str, said_zh: str, said_en: str) -> None:
    assert fill(Text(zh=zh, en=en), {}) == Text(zh=said_zh, en=said_en)


def test_the_same_reward_is_told_once() -> None:
    rewards = [Coupon(level=0, off_fen=300), Coupon(level=1, off_fen=300), Cash(level=1, fen=100)]

    assert gifts(plays.definition(LEVELS, rewards), {}).zh == "3.00 元券、1.00 元余额"


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
