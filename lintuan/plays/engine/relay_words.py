"""Why a piece of a relay list was not read, in words."""

from __future__ import annotations

from typing import Literal

from .values import Text

Reason = Literal[
    "not_sold",
    "words",
    "which_good",
    "quantity",
    "part",
    "too_many",
    "all",
    "what_is_gone",
    "question",
    "remark",
    "nothing",
    "same_unclear",
    "same_and_other",
    "same_number",
    "repeated",
]
_WORDS: dict[str, Text] = {
    "not_sold": Text(zh="今晚没有这样货", en="not on tonight's list"),
    "words": Text(zh="没看懂的话", en="words that were not understood"),
    "which_good": Text(zh="没说清是哪样货", en="which of the goods is not said"),
    "quantity": Text(zh="没说清要多少", en="how many is not clear"),
    "part": Text(zh="不能只要半份", en="only whole units are sold"),
    "too_many": Text(zh="数量太大，请核对", en="more than one wish can hold"),
    "all": Text(zh="“都要”没说清各要多少", en="all of what, and how many of each, is not said"),
    "what_is_gone": Text(zh="没说清不要哪样", en="which one is not wanted is not clear"),
    "question": Text(zh="像是在问，不像是下单", en="a question rather than a wish"),
    "remark": Text(zh="像是在说别的事，不像下单", en="a remark rather than a wish"),
    "nothing": Text(zh="没有写要什么", en="nothing is wished for"),
    "same_unclear": Text(zh="“同上”指的那条看不懂或没有", en="the entry it points to is not plain or not there"),
    "same_and_other": Text(zh="“同上”又加别的，是加还是换", en="the same and something else: more, or instead?"),
    "same_number": Text(zh="两个人用了同一个号", en="two people have this number"),
    "repeated": Text(zh="同一个人写了两遍一样的", en="the same person wished for the same twice"),
    "head": Text(zh="接龙开头的说明", en="the head of the list"),
    "talk": Text(zh="闲聊", en="talk"),
    "no_number": Text(zh="没有编号，不知道是谁要的", en="no number: whose wish it is cannot be told"),
    "struck": Text(zh="整行划掉了", en="struck through"),
    "written_anew": Text(zh="同一个人后来改写了", en="written anew further down by the same person"),
}  # fmt: skip


def words_of(reason: str) -> Text:
    """What a person reads."""
    return _WORDS[reason]
