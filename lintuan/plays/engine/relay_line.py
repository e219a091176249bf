"""One wish of a relay list, read from the words that it is made of."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from .relay_text import MOST_UNITS, SEVERAL, Token, Words, quantity_of
from .relay_words import Reason

_QUESTION = re.compile(r"吗|有没有|是不是|多少钱|几点|怎么|什么|\?")
_REMARK = re.compile(r"没收到|没有|没到|坏了|烂了|太贵|退款|退货|上次|昨天|少了|漏了|少给|算了")
_NOISE = re.compile(r"[\s,.。;:、+!~()\[\]【】\-—_/\\|@#*'\"“”=>]+")
_POLITE_END = re.compile(r"(?:\s*(?:我要|还要|再加|先|要|来|订|买|再|加|改|也))+$")
#: What stands between other words and means nothing by itself.
#: Of something cancelled by name: no clause goes with it.
NOTHING_MORE = -1
_EMPTY = {"gap", "stop", "price", "place", "more"}


class Wish(Struct, frozen=True):
    """So many of the good with that number; the clause is the part of the line between two signs."""

    good: int
    quantity: int
    measure: str = ""
    is_sure: bool = True
    clause: int = 0


class Reading(Struct, frozen=True):
    """What a line says."""

    name: str
    wishes: tuple[Wish, ...] = ()
    doubts: tuple[tuple[str, Reason], ...] = ()
    is_gone: bool = False
    has_goods: bool = False


def read_line(text: str, words: Words, *, has_one_good: bool = False) -> Reading:
    """The name in front, the wishes behind it, and all that is neither with its reason.

    `has_one_good`: tonight there is one thing only, so a bare "+2" says enough.
    """
    tokens = words.cut(text)
    goods = [at for at, token in enumerate(tokens) if token.kind == "good"]
    if _QUESTION.search(text):
        whole = " ".join(text.split())
        return Reading("", (), ((whole, "question"),), has_goods=bool(goods))
    if _REMARK.search(text):
        return Reading("", (), ((" ".join(text.split()), "remark"),), has_goods=bool(goods))
    if not goods:
        return _without_goods(text, tokens, has_one_good=has_one_good)
    begin = _begin(tokens, goods[0])
    name, beside = _head(tokens[:begin])
    body = _Body(tokens[begin:])
    wishes, doubts, is_gone = body.read()
    is_gone = is_gone or any(token.kind == "gone" for token in tokens[:begin])
    return Reading(name, () if is_gone else wishes, () if is_gone else (*beside, *doubts), is_gone, has_goods=True)


def _begin(tokens: Sequence[Token], first: int) -> int:
    """Where the wishes begin: at the first good, or before it at its quantity ("2份土豆 3板鸡蛋") or its "no"."""
    at = first
    while at and tokens[at - 1].kind in {"gap", "price"}:
        at -= 1
    lead = tokens[at - 1] if at else None
    if lead is None:
        return first
    if lead.kind in {"except", "gone"}:
        return at - 1
    if lead.kind == "bad":
        return at - 1
    if lead.kind != "quantity" or not _is_before(tokens, first):
        return first
    has_measure = bool(quantity_of(lead)[1])
    touches_word = at >= 2 and tokens[at - 2].kind in {"word", "place"} and not has_measure
    return first if touches_word else at - 1


def _is_before(tokens: Sequence[Token], first: int) -> bool:
    """Whether quantities stand before their goods: the last of all is a good then."""
    last = [token.kind for token in tokens[first:] if token.kind in {"good", "quantity", "bad"}]
    return last[-1] == "good"


def _head(tokens: Sequence[Token]) -> tuple[str, list[tuple[str, Reason]]]:
    """The name, and what stands between it and the first good: "朱 大白菜2颗" names something that is not sold."""
    if not tokens:
        return "", []
    raw = "".join(" " if token.kind in {"price", "gone"} else token.text for token in tokens)
    at = next((at for at, token in enumerate(tokens) if token.kind == "quantity" and quantity_of(token)[1]), None)
    if at is None:
        return named(raw), []
    name, _, more = _NOISE.sub(" ", raw).strip().partition(" ")
    return (name, [(more.strip(), "not_sold")]) if more else ("", [(name, "not_sold")])


def named(text: str) -> str:
    """A name without the signs and courtesies around it."""
    return _POLITE_END.sub("", _NOISE.sub(" ", text).strip()).strip()


def _without_goods(text: str, tokens: Sequence[Token], *, has_one_good: bool) -> Reading:
    if any(token.kind == "gone" for token in tokens):
        return Reading(named("".join(token.text for token in tokens if token.kind in {"word", "place"})), is_gone=True)
    said = [at for at, token in enumerate(tokens) if token.kind in {"quantity", "bad", "each"}]
    if not said:
        return Reading(*_bare_name(text))
    last = tokens[said[-1]]
    name = named(text[: tokens[said[0]].start])
    if last.kind == "quantity" and len(said) == 1 and "+" in last.text and has_one_good:
        quantity, measure = quantity_of(last)
        if 0 < quantity <= MOST_UNITS:
            return Reading(name, (Wish(0, quantity, measure),), has_goods=True)
    rest = " ".join(text[tokens[said[0]].start :].split())
    if any(tokens[at].kind == "each" for at in said):
        return Reading(name, (), ((rest, "all"),))
    if "+" in last.text or not name:
        return Reading(name, (), ((rest, "which_good"),))
    first, _, more = _NOISE.sub(" ", text).strip().partition(" ")
    return Reading(first, (), ((more, "not_sold"),)) if more else Reading("", (), ((first, "which_good"),))


def _bare_name(text: str) -> tuple[str, tuple[Wish, ...], tuple[tuple[str, Reason], ...]]:
    """A line with a name alone wishes for nothing yet."""
    name, _, more = _NOISE.sub(" ", text).strip().partition(" ")
    return name, (), (((more, "words"),) if more else ())


class _Body:
    """Wishes one after another; what stands between them belongs to one of them, or is reported."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._wishes: list[Wish | None] = []
        self._open: list[int] = []
        self._pending: Token | None = None
        self._doubts: list[tuple[str, Reason]] = []
        self._gone: list[tuple[int, str]] = []
        self._clause = 0
        self._each = ""
        self._names: list[str] = []
        self._read_until = 0
        self._is_taken_out = self._is_changed = self._adds = False

    def read(self) -> tuple[tuple[Wish, ...], tuple[tuple[str, Reason], ...], bool]:
        """The wishes, what was not understood, and whether all was cancelled."""
        for at, token in enumerate(self._tokens):
            if at < self._read_until:
                continue
            match token.kind:
                case "good":
                    self._good(at, token)
                case "quantity":
                    self._quantity(at, token)
                case "bad":
                    self._bad(at, token)
                case "word":
                    self._word(at, token)
                case "gone":
                    self._cancel(at, token)
                case _:
                    self._turn(token)
        return self._ended()

    def _turn(self, token: Token) -> None:
        """What says how the next words are meant."""
        match token.kind:
            case "except":
                self._is_taken_out = True
            case "each":
                self._each = token.text
            case "changed":
                self._is_changed = True
            case "more":
                self._adds = True
            case "stop":
                self._clause += 1
                self._is_taken_out = False
            case _:
                pass

    def _ended(self) -> tuple[tuple[Wish, ...], tuple[tuple[str, Reason], ...], bool]:
        if self._pending is not None:
            self._doubts.append((self._pending.text.strip(), "which_good"))
        if self._each:
            self._doubts.append((self._each, "all"))
        if self._is_changed:
            self._doubts.append(("改", "quantity"))
        is_gone = self._without_cancelled()
        left = tuple(wish for wish in self._wishes if wish is not None)
        return left, tuple(self._doubts), is_gone

    def _good(self, at: int, token: Token) -> None:
        if token.good == SEVERAL:
            following = self._next(at)
            if self._pending is None and following is not None and following.kind == "quantity":
                self._read_until = self._tokens.index(following) + 1
            self._doubts.append((token.text, "which_good"))
            self._pending = None
            return
        if self._is_taken_out:
            self._is_taken_out = False
            self._gone.append((NOTHING_MORE, token.text))
            return
        if self._is_changed:
            self._changed_to_another()
        again = any(wish is not None and wish.good == token.good for wish in self._wishes)
        wish: Wish | None = Wish(token.good, 1, is_sure=self._adds or not again, clause=self._clause)
        self._adds = False
        self._wishes.append(wish)
        self._names.append(token.text)
        self._open.append(len(self._wishes) - 1)
        if self._pending is not None:
            self._count(self._pending)
            self._pending = None

    def _changed_to_another(self) -> None:
        """ "土豆2份改鸡蛋1板": instead of what, is not said."""
        self._is_changed = False
        self._wishes = [None] * len(self._wishes)
        self._open = []
        self._doubts.append(("改", "what_is_gone"))

    def _quantity(self, at: int, token: Token) -> None:
        following = self._next(at)
        if self._is_changed and self._wishes:
            self._is_changed = False
            self._open = [len(self._wishes) - 1]
            self._count(token)
        elif self._each and self._open:
            self._each = ""
            for place in list(self._open):
                self._open = [place]
                self._count(token)
            self._open = []
        elif following is not None and following.kind == "good" and self._is_of_next(at, token, following):
            if self._open and self._touches(at, token):
                self._unsure(self._open[-1])
            self._open = []
            self._pending = token
        elif self._open and self._open[-1] == len(self._wishes) - 1:
            self._count(token)
        else:
            if self._wishes:
                self._unsure(len(self._wishes) - 1)
            self._doubts.append((token.text.strip(), "quantity"))

    def _is_of_next(self, at: int, token: Token, following: Token) -> bool:
        """Whether a quantity belongs to the good behind it: the one before has its own, or it stands apart from it."""
        if not self._open or self._open[-1] != len(self._wishes) - 1:
            return True
        before = self._tokens[at - 1] if at else None
        is_apart = before is not None and before.kind == "gap" and before.text.isspace()
        return is_apart and following.start == token.end and bool(quantity_of(token)[1])

    def _touches(self, at: int, token: Token) -> bool:
        """Whether only a space lies between a quantity and the good before it."""
        return at >= 2 and self._tokens[at - 1].kind == "gap" and self._tokens[at - 2].kind == "good"

    def _count(self, token: Token) -> None:
        """Give the last open good its quantity."""
        place = self._open.pop()
        quantity, measure = quantity_of(token)
        wish = self._wishes[place]
        if wish is None:
            return
        if not 0 < quantity <= MOST_UNITS:
            self._wishes[place] = None
            self._doubts.append((self._names[place] + token.text.strip(), "too_many" if quantity else "quantity"))
            return
        self._wishes[place] = replace(wish, quantity=quantity, measure=measure)

    def _bad(self, at: int, token: Token) -> None:
        """A half, or from two to three: the good that it is of is wished for, but nobody can say how much."""
        reason: Reason = "part" if re.search(r"半|\.|[^两]两", token.text) else "quantity"
        text, following = token.text.strip(), self._next(at)
        if self._open or (self._wishes and (following is None or following.kind != "good")):
            place = self._open.pop() if self._open else len(self._wishes) - 1
            self._wishes[place], text = None, self._names[place] + text
        elif following is not None and following.kind == "good":
            self._read_until = self._tokens.index(following) + 1
            text += following.text
        self._doubts.append((text, reason))

    def _word(self, at: int, token: Token) -> None:
        """Words of no good; with a quantity behind them they are something that is not sold."""
        following = self._tokens[at + 1] if at + 1 < len(self._tokens) else None
        if (
            self._open
            and self._open[-1] == len(self._wishes) - 1
            and any(one.kind == "quantity" for one in self._tokens[at + 1 :])
        ):
            self._unsure(self._open.pop())
        if following is not None and following.kind == "quantity":
            self._read_until = at + 2
            self._doubts.append(((token.text + following.text).strip(), "not_sold"))
        else:
            self._doubts.append((token.text.strip(), "words"))

    def _cancel(self, at: int, token: Token) -> None:
        following = self._next(at)
        is_next = (
            following is not None and following.kind == "good" and token.text in {"取消", "删除", "划掉", "撤销", "撤"}
        )
        if is_next and not any(wish is not None and wish.clause == self._clause for wish in self._wishes):
            self._is_taken_out = True
            return
        if at and self._tokens[at - 1].kind == "good" and self._open:
            # "土豆2份 鸡蛋取消": what it touches.
            self._wishes[self._open.pop()] = None
            self._gone.append((NOTHING_MORE, token.text))
            return
        self._gone.append((self._clause, token.text))
        self._clause += 1

    def _without_cancelled(self) -> bool:
        """Take away what was cancelled; True where that is all."""
        for clause, text in self._gone:
            here = [at for at, wish in enumerate(self._wishes) if wish is not None and wish.clause == clause]
            there = sum(wish is not None for wish in self._wishes)
            if clause == NOTHING_MORE:
                continue
            if not here or (len(here) == there and (there == 1 or text in {"取消", "退出", "删除"})):
                self._wishes = []
            elif len(here) == 1:
                self._wishes[here[0]] = None
            else:
                self._wishes = []
                self._doubts.append((text, "what_is_gone"))
                return False
        return bool(self._gone) and not self._doubts and all(wish is None for wish in self._wishes)

    def _unsure(self, place: int) -> None:
        wish = self._wishes[place]
        if wish is not None:
            self._wishes[place] = replace(wish, is_sure=False)

    def _next(self, at: int) -> Token | None:
        """The next token that means something."""
        return next((token for token in self._tokens[at + 1 :] if token.kind not in _EMPTY), None)
