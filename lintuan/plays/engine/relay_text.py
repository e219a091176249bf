"""What stands behind the reading of relay lists: plain text, numbered lines, and the words that one line is made of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

TokenKind = Literal[
    "good", "price", "place", "bad", "quantity", "changed", "each", "except", "gone", "more", "stop", "gap", "word"
]

MOST_UNITS = 999
#: The good of a name that more than one has.
SEVERAL = -2
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")}
_DIGITS |= {sign: value for value, sign in enumerate("〇壹贰叁肆伍陆柒捌玖")} | {"两": 2, "俩": 2, "仨": 3}
_HAN = "零〇一二两三四五六七八九十百壹贰叁肆伍陆柒捌玖拾"
_MEASURES = "份板斤个盒袋把箱包瓶条只提桶颗棵块根捆套件听罐打串筐枚单"
_MEASURE = rf"(?:[{_MEASURES}]|kg|公斤)"
_NUMBER = rf"(?:\d+|[{_HAN}]+|[俩仨])"
#: A Chinese number without a measure is one only where no word goes on: 三 in 三哥 is a name.
#: Nor is 包 a measure in 包菜, where that is on the list.
_COUNT = (
    rf"(?:\d+(?:\s*(?!(?:GOOD)){_MEASURE})?|[{_HAN}]+\s*(?!(?:GOOD)){_MEASURE}|[俩仨]|[{_HAN}]+(?![\u4e00-\u9fff]))"
)
_PATTERNS: tuple[tuple[TokenKind, str], ...] = (
    ("place", r"(?<!\d)1[3-9]\d{9}(?!\d)|\d+(?:-\d+){2,}|\d+\s*(?:号楼|栋|幢|单元|楼|室|层|号)|@\S*"),
    ("bad", rf"{_NUMBER}\s*(?:-|~|到|至|或者?)\s*{_NUMBER}\s*{_MEASURE}?"),
    ("bad", rf"(?:{_NUMBER}\s*{_MEASURE}?)?半\s*(?:{_MEASURE}|两)?|\d+\.\d+\s*(?:斤|公斤|kg)"),
    # 二两 is a weight, and 两三份 is two or three.
    (
        "bad",
        rf"(?:\d+|[一二三四五六七八九十]+)\s*两(?!\s*{_MEASURE})|[一二两三四五六七八九]{{2,}}(?![十百])\s*{_MEASURE}",
    ),
    ("price", rf"(?:¥|价|单价)\s*\d+(?:\.\d+)?(?:元|块)?(?:\s*[/每一]\s*{_MEASURE})?的?"),
    (
        "price",
        rf"\d+(?:\.\d+)?\s*(?:元|块钱)(?:\s*[/每一]\s*{_MEASURE})?的?|\d+\.\d+(?:\s*块)?(?:\s*[/每一]\s*{_MEASURE})?的?",
    ),
    ("changed", r"改成|改为|改到|改"),
    ("each", r"每样|每种|各来|各要|各|都要|都来|全要|全部|都"),
    ("except", r"除了|除|不要(?!了)|不买(?!了)|不订"),
    ("gone", r"取消|不要了|不买了|不订了|退出|删除|划掉|撤销?"),
    ("more", r"再加|再来|再要|还要|另加|加|再"),
    ("quantity", rf"(?:[x×*:]\s*)?(?:\+\s*)?{_COUNT}"),
    ("more", r"\+"),
    ("stop", r"[,;。、/\\|!]+|\n"),
    ("gap", r"[\s.:()\[\]【】\-—_~#*'\"“”=>]+"),
    ("gap", r"谢谢|麻烦|辛苦|团长|我要|给我|帮我|要|来|订|买|也|和|跟|了|的|吧|哈|哦|呀|啊|呢|份(?=\s|$)"),
)
_ENTRY = re.compile(
    r"^\s*(?:#|no\.?|第)?\s*[(\[【]?\s*(?:(\d{1,3})(?!\d)\s*(?:[)\]】]\s*[.,、:]?|[.,、:。\-—_]+(?!\d)|楼|号(?!楼)|位|(?=\D)|[.、:](?=\d))"
    r"|([一二三四五六七八九十]{1,3})\s*[)\]】.、:])\s*(.*)$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    rf"{_MEASURE}|\.\d+\s*(?:元|块|/|一?{_MEASURE})|\s*[元点月日分栋幢]|单元|:\d\d(?!\d)", re.IGNORECASE
)
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
#: A sign that is struck through was taken out again.
_STRUCK = re.compile("(?:[^\u0335-\u0338][\u0335-\u0338])+")


class Token(Struct, frozen=True):
    """A piece of a line: what it is, where, and of goods which one."""

    kind: TokenKind
    text: str
    start: int
    end: int
    good: int = -1


class Line(Struct, frozen=True):
    """A line as it was typed, with the number it begins with, 0 for none, and what follows that."""

    at: int
    typed: str
    number: int
    rest: str
    is_struck: bool = False


def lines_of(text: str) -> Iterator[Line]:
    """All lines that hold something; `at` counts from 1."""
    for at, typed in enumerate(text.splitlines(), 1):
        plain, is_struck = plain_text(typed).strip(), _STRUCK.search(typed) is not None
        if not plain and not is_struck:
            continue
        begins = _ENTRY.match(plain)
        if begins is None or _is_quantity(begins):
            yield Line(at, typed.strip(), 0, plain, is_struck)
        else:
            yield Line(at, typed.strip(), number_of(begins[1] or begins[2]), begins[3], is_struck)


def _is_quantity(begins: re.Match[str]) -> bool:
    """ "2份土豆", "3.9元一份", "21:00" and "3栋" begin no numbered line."""
    rest = begins.string[begins.end(1) :] if begins[1] else ""
    return _GOES_ON.match(rest) is not None


def plain_text(text: str) -> str:
    """Full-width signs, circled numbers and keycaps as plain ones; what cannot be seen, and pictures, are gone."""
    struck = _STRUCK.sub(" ", text)
    dotted = "".join(_circled(sign) for sign in struck.replace("\u20e3", "."))
    plain = _ZERO_WIDTH.sub("", unicodedata.normalize("NFKC", dotted))
    return "".join(sign if unicodedata.category(sign) not in ("So", "Sk", "Cs", "Co") else " " for sign in plain)


def _circled(sign: str) -> str:
    """A number in a circle as one with a point behind it."""
    if "\u2460" <= sign <= "\u2473" or "\u3251" <= sign <= "\u32bf":
        return f"{unicodedata.normalize('NFKC', sign)}."
    if "\u2776" <= sign <= "\u2793":
        return f"{(ord(sign) - 0x2776) % 10 + 1}."
    return sign


def number_of(written: str) -> int:
    """三, 十二, 一百零五, 俩 or 12; in 二〇 and 一二 each sign is a figure."""
    if written.isdigit():
        return int(written)
    if not set(written) & set("十百拾"):
        return int("".join(str(_DIGITS[sign]) for sign in written))
    value, figure = 0, 0
    for sign in written:
        if sign in "十百拾":
            value, figure = value + (figure or 1) * (100 if sign == "百" else 10), 0
        else:
            figure = _DIGITS[sign]
    return value + figure


def quantity_of(token: Token) -> tuple[int, str]:
    """How many, and of which measure, empty for none."""
    written = re.search(rf"({_NUMBER})\s*({_MEASURE})?$", token.text.strip(), re.IGNORECASE)
    return (number_of(written[1]), (written[2] or "").lower()) if written else (0, "")


class Words:
    """Cuts lines into tokens; of names of goods the longest counts."""

    def __init__(self, names: Sequence[Sequence[str]]) -> None:
        known = sorted(
            ((plain_text(name).strip(), good) for good, all_of in enumerate(names) for name in all_of if name.strip()),
            key=lambda one: -len(one[0]),
        )
        self._goods: dict[str, int] = {}
        for name, good in known:
            same = self._goods.setdefault(name.lower(), good) == good
            self._goods[name.lower()] = good if same else SEVERAL
        goods = "|".join(re.escape(name) for name, _ in known) or r"(?!)"
        parts = [f"(?P<t{at}>{pattern.replace('GOOD', goods)})" for at, (_, pattern) in enumerate(_PATTERNS)]
        parts.insert(0, f"(?P<good>{goods})")
        self._pattern = re.compile("|".join(parts), re.IGNORECASE)

    def cut(self, text: str) -> list[Token]:
        """The tokens of a line, without gaps between them."""
        tokens, at = [], 0
        for match in self._pattern.finditer(text):
            if not match[0]:
                continue
            if match.start() > at:
                tokens.append(Token("word", text[at : match.start()], at, match.start()))
            tokens.append(self._token(match))
            at = match.end()
        if at < len(text):
            tokens.append(Token("word", text[at:], at, len(text)))
        return tokens

    def _token(self, match: re.Match[str]) -> Token:
        name = match.lastgroup or ""
        if name == "good":
            return Token("good", match[0], match.start(), match.end(), self._goods[match[0].lower()])
        return Token(_PATTERNS[int(name[1:])][0], match[0], match.start(), match.end())
