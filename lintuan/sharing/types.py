"""Where a shop may be shown, in which form, and what channels say of it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct


class Channel(StrEnum):
    """Where words, links and paper go."""

    WECHAT_CHAT = "wechat_chat"
    WECHAT_GROUP = "wechat_group"
    MOMENTS = "moments"
    MINI_PROGRAM = "mini_program"
    ALIPAY = "alipay"
    SMS = "sms"
    TAOBAO = "taobao"
    #: Any chat through which only plain words pass, a WeChat group whose links are stopped among them.
    BARE_CHAT = "bare_chat"
    COUNTER = "counter"


class Form(StrEnum):
    """In which form something is shown, the richest first: who may not use one goes down to the next."""

    #: Of a mini-program, picture and words.
    CARD = "card"
    #: A picture with a mini-program code.
    POSTER = "poster"
    #: To a page of our own domain.
    LINK = "link"
    #: One that the reader asked for.
    MESSAGE = "message"
    PAPER = "paper"
    #: 口令: words with a code to type in.
    CODE = "code"
    #: 接龙: a numbered list in plain words.
    RELAY = "relay"
    #: Nothing leaves our own pages.
    NONE = "none"


class Mechanic(StrEnum):
    """What channels have rules about: what the one who is shown something is to do, and for what."""

    GROUP = "group"
    LOTTERY_GROUP = "lottery_group"
    #: 砍价.
    CUT = "cut"
    #: 助力, 加速: others tap so that somebody gains.
    HELP = "help"
    #: Others tap so that somebody has more chances in a draw.
    HELP_DRAW = "help_draw"
    #: 集卡, 集福: pieces that others give.
    BEG = "beg"
    #: 集赞.
    LIKES = "likes"
    #: 转发有礼: something for passing on.
    SHARE_REWARD = "share_reward"
    CHECK_IN = "check_in"
    INVITATION = "invitation"


class Stance(StrEnum):
    """What a channel says, the mildest first."""

    ALLOWED = "allowed"
    #: Allowed on trial, or said nowhere to be safe: it may be stopped tomorrow.
    TRIED = "tried"
    BANNED = "banned"
    #: Nothing says that the channel takes this form at all.
    UNKNOWN = "unknown"

    @property
    def is_open(self) -> bool:
        return self in {Stance.ALLOWED, Stance.TRIED}


class Basis(StrEnum):
    """Why a row says so."""

    LAW = "law"
    #: The rules of the channel.
    CONTRACT = "contract"
    #: What the channel's software can do.
    TECHNIQUE = "technique"
    #: Our own, where no text was found or where we would rather be careful.
    CHOICE = "choice"


Words = Annotated[str, Meta(min_length=1)]


class Wording(Struct, frozen=True, forbid_unknown_fields=True):
    """The same in both languages."""

    zh: Words
    en: Words

    def in_(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """One dated statement; without `forms` of every form, without `mechanics` whatever it is about.

    `since` is its first and `until` its last day; none where no beginning, or no end, is known.
    """

    id: Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
    channels: Annotated[tuple[Channel, ...], Meta(min_length=1)]
    forms: tuple[Form, ...] = ()
    mechanics: tuple[Mechanic, ...] = ()
    says: Literal["allowed", "tried", "banned"]
    since: date | None = None
    until: date | None = None
    basis: Basis
    rule: Wording
    reason: Wording
    source: Words

    @property
    def stance(self) -> Stance:
        return Stance(self.says)

    def holds(self, on: date) -> bool:
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


class Named(Struct, frozen=True, forbid_unknown_fields=True):
    """A channel and what people call it."""

    code: Channel
    name: Wording


class Ruling(Struct, frozen=True):
    """What a channel says of one form on one day, and the rows that say it; no row where nothing does."""

    channel: Channel
    form: Form
    stance: Stance
    rows: tuple[Row, ...] = ()
