"""The kinds of plays: one for each `skin` that a definition of a play may have, and what they are made of.

Who takes part is named masked. What a play gives, its odds, its terms and who pays for it are words, made where the
play is known; a client adds nothing to them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from . import values
from .actions import Action
from .base import Fen, Moment, Value, Words
from .kind import Kind
from .values import Picture, Tone

Masked = Annotated[str, Meta(description="masked")]
Chances = Annotated[
    int | None, Meta(description="tickets the reader may play now; null: not counted, 0: `act` is not offered")
]


class PlayProgress(Value):
    """How far it is: `label` says it all, `value` of `target` draws it."""

    label: str
    value: int
    target: int | None = None
    left: Annotated[str, Meta(description="what is missing, in words")] = ""


class PlayStanding(Value):
    """How the reader stands, or their household, building, team."""

    label: str
    value: str = ""
    note: str = ""


class PlayLevel(Value):
    """What is given at a level."""

    at: str
    gift: str
    state: Literal["next", "now", "done"] = "next"


class PlayPrize(Value):
    """A line of the prize table; its place in the list is the `prize` of a result."""

    name: str
    short: Annotated[str, Meta(description="where there is room for a few signs only; empty: the name")] = ""
    odds: Annotated[str, Meta(description="in words, as the terms have them", examples=["0.5%", "3 名"])]
    left: Annotated[str, Meta(description="of its stock, in words")] = ""
    picture: Picture | None = None


class PlayProof(Value):
    """What lets anybody recompute a draw."""

    commitment: Annotated[str, Meta(description="SHA-256 of the seed, shown before the first ticket")]
    seed: Annotated[str, Meta(description="shown once the run is over")] = ""
    tap: Annotated[Action | None, Meta(description="to the page that recomputes it")] = None


class PlayResult(Value):
    """What came of a deed. The API answers a deed with the same fields, `text` being the only one it should not lack;
    of a draw also `prize`, which is null where nothing was won."""

    text: Words
    tone: Tone = "info"
    prize: Annotated[int | None, Meta(description="its place among `prizes`")] = None
    faces: Annotated[list[int], Meta(description="of dice, 1 to 6 each; empty: all alike for a prize")] = field(
        default_factory=list
    )
    right: Annotated[str, Meta(description="of a question: the value that is right")] = ""
    ticket: Annotated[str, Meta(description="run:unit:n:nonce, to be recomputed")] = ""
    tap: Annotated[Action | None, Meta(description="what to do with it")] = None


class PlayNumber(Value):
    """A number that is asked for."""

    min: int
    max: int
    step: int = 1
    value: Annotated[int | None, Meta(description="what stands there at first; null: the middle")] = None
    unit: Annotated[str, Meta(description="fen: shown in yuan; else words behind it")] = ""


class _Play(Kind):
    """Where `act` is an action that older clients do not know, `tap` does the same (the same `path`) by one that they
    know: clients that know the kind draw it once."""

    title: str
    terms: Annotated[str, Meta(description="object, way, conditions, beginning and end, in words; may have lines")]
    lines: list[str] = field(default_factory=list)
    picture: Picture | None = None
    state: Literal["open", "done", "over"] = "open"
    state_text: Annotated[str, Meta(description="what the state means, or why nothing can be done now")] = ""
    ends_at: Annotated[Moment | None, Meta(description="at the end the page is asked for again")] = None
    over: Annotated[str, Meta(description="shown once it has ended")] = ""
    progress: PlayProgress | None = None
    own: list[PlayStanding] = field(default_factory=list)
    levels: list[PlayLevel] = field(default_factory=list)
    prizes: list[PlayPrize] = field(default_factory=list)
    proof: PlayProof | None = None
    funding: Annotated[str, Meta(description="who pays for what it gives, in words")] = ""
    result: Annotated[PlayResult | None, Meta(description="what last came of it for the reader")] = None
    act: Annotated[Action | None, Meta(description="what there is to do in it now")] = None
    buttons: Annotated[list[values.Button], Meta(description="beside that: share, open one's own, see more")] = field(
        default_factory=list
    )


class PlayBoard(_Play, tag="play_board"):
    """A group that fills."""

    have: int
    need: int
    names: list[Masked] = field(default_factory=list)
    opener: Masked = ""


class PlayMeter(_Play, tag="play_meter"):
    """A sum that grows to its levels."""

    value: int
    target: int
    label: Annotated[str, Meta(description="value and target in words")] = ""
    marks: Annotated[list[int], Meta(description="where the levels are")] = field(default_factory=list)


class PlayDay(Value):
    label: str
    state: Literal["done", "today", "missed", "next"]
    gift: str = ""


class PlayStreak(_Play, tag="play_streak"):
    """Days in a row."""

    days: list[PlayDay]


class PlayPlace(Value):
    place: int
    name: Masked
    value: str = ""
    gift: str = ""
    own: bool = False


class PlayRanking(_Play, tag="play_ranking"):
    """Who is ahead."""

    places: list[PlayPlace]


class _Draw(_Play):
    """`act` draws; what it draws is decided by the server before anything moves."""

    chances: Chances = None


class PlayWheel(_Draw, tag="play_wheel"):
    """A wheel that turns."""


class PlayGrid(_Draw, tag="play_grid"):
    """Eight fields around a button, and a light that runs."""


class PlayScratch(_Draw, tag="play_scratch"):
    """A card to be scratched."""


class PlayEggs(_Draw, tag="play_eggs"):
    """Eggs, one of which is broken."""

    count: int = 3


class PlayReels(_Draw, tag="play_reels"):
    """Three reels: three alike for a prize."""


class PlayShake(_Draw, tag="play_shake"):
    """The phone is shaken, or a button pressed."""


class PlayClaw(_Draw, tag="play_claw"):
    """A claw that reaches down."""


class PlayDice(_Draw, tag="play_dice"):
    """Dice in a bowl."""

    dice: int = 6


class PlayLamp(_Draw, tag="play_lamp"):
    """A light that runs along the prizes."""


class PlayPacket(Value):
    """One that was opened."""

    name: Masked
    value: str
    note: str = ""
    own: bool = False
    best: bool = False


class PlayBoxes(_Draw, tag="play_boxes"):
    """Boxes or packets, one of which is opened."""

    count: Annotated[int, Meta(description="of them, opened ones included")]
    opened: list[PlayPacket] = field(default_factory=list)


class PlayRain(_Play, tag="play_rain"):
    """A game of some seconds: what falls is caught; `act` is a `play` and gets how many were."""

    seconds: int = 30
    drops: Annotated[int, Meta(description="how many fall in that time")] = 80
    icon: Annotated[str, Meta(description="a name of the client's icons: what falls")] = "coin"
    chances: Chances = None


class PlayQuestion(Value):
    """`act` is an `answer`; without it the question is closed. It is answered by one of `choices`, or a `number`."""

    id: str
    title: str
    note: str = ""
    picture: Picture | None = None
    choices: list[values.Choice] = field(default_factory=list)
    number: PlayNumber | None = None
    given: Annotated[str, Meta(description="the reader's answer: a value of `choices`, or words")] = ""
    right: Annotated[str, Meta(description="the right one, likewise, once it may be known")] = ""
    source: Annotated[str, Meta(description="where that is from")] = ""
    act: Action | None = None


class PlayQuiz(_Play, tag="play_quiz"):
    """Questions, one after the other."""

    questions: list[PlayQuestion]


class PlayEntry(Value):
    id: str
    title: str
    note: str = ""
    picture: Picture | None = None
    votes: Annotated[int | None, Meta(description="null: not told while it is open")] = None
    own: Annotated[bool, Meta(description="the reader voted for it")] = False
    act: Annotated[Action | None, Meta(description="votes for it, or takes that back")] = None


class PlayVote(_Play, tag="play_vote"):
    """Entries to vote for."""

    entries: list[PlayEntry]


class PlayPlot(_Play, tag="play_plot"):
    """Something that grows by being watered."""

    value: int
    target: int
    stages: Annotated[list[str], Meta(description="the names of its stages, from seed to fruit")]
    stage: Annotated[int, Meta(description="of `stages`, from 0")]
    helpers: Annotated[list[str], Meta(description="who watered it, masked, a line each")] = field(default_factory=list)


class PlayCard(Value):
    name: str
    have: int = 0
    note: str = ""
    picture: Picture | None = None
    tap: Action | None = None


class PlayCards(_Play, tag="play_cards"):
    """A set of different ones to collect."""

    cards: list[PlayCard]


class PlayTask(Value):
    title: str
    note: str = ""
    gift: str = ""
    value: int | None = None
    target: int | None = None
    state: Literal["open", "done", "over"] = "open"
    act: Action | None = None


class PlayTasks(_Play, tag="play_tasks"):
    """Things to do, each with what it gives."""

    tasks: list[PlayTask]


class PlayPriceStep(Value):
    label: str
    fen: Fen
    state: Literal["next", "now", "done"] = "next"


class PlayBid(Value):
    name: Masked
    fen: Fen
    own: bool = False
    note: Annotated[str, Meta(description="that it is automatic, say, or taken")] = ""


class PlayPrice(_Play, tag="play_price"):
    """A price of its own: one that falls, steps down, or is haggled over, never below `floor_fen`."""

    now_fen: Fen
    day_fen: Annotated[int | None, Meta(description="the price of the day; only where the law on prices allows it")] = (
        None
    )
    floor_fen: Annotated[int | None, Meta(description="as low as it can get")] = None
    offer: values.Offer | None = None
    steps: list[PlayPriceStep] = field(default_factory=list)
    falls_at: Annotated[Moment | None, Meta(description="when it falls next; then the page is asked for again")] = None
    bids: list[PlayBid] = field(default_factory=list)
    bid: Annotated[PlayNumber | None, Meta(description="a price to name: `act` is an `answer` and gets it")] = None


class PlayCoupon(_Play, tag="play_coupon"):
    """Something off, or something given, and how to get it."""

    amount: Annotated[str, Meta(description="what it is worth, in a few signs", examples=["¥5", "88 折"])]
    condition: str = ""
    until: Moment | None = None
    code: Annotated[str, Meta(description="to be told at the counter or in the group")] = ""


PlayNode = (
    PlayBoard
    | PlayMeter
    | PlayStreak
    | PlayRanking
    | PlayWheel
    | PlayGrid
    | PlayScratch
    | PlayEggs
    | PlayReels
    | PlayShake
    | PlayClaw
    | PlayDice
    | PlayLamp
    | PlayBoxes
    | PlayRain
    | PlayQuiz
    | PlayVote
    | PlayPlot
    | PlayCards
    | PlayTasks
    | PlayPrice
    | PlayCoupon
)
