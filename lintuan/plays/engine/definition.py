"""A play as data: when it begins, who takes part, what counts, what it leads to, and what it gives.

The codes of the catalogue (T1, P4, G1, R1, S5, L4) stand beside the words that say the same.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from .progress import Progress
from .rewards import Reward
from .values import Bps, Code, Count, Fen, Part, Text, TimeOfDay

SCHEMA = 1

TriggerKind = Literal[
    "leader",  # T1
    "buyer",  # T2
    "paid",  # T3
    "collected",  # T4
    "clock",  # T5
    "check_in",  # T6
    "newcomer",  # T7
    "threshold",  # T8
    "review",  # T9
    "life",  # T10
    "supply",  # T11
]
FactKind = Literal[
    "joined",  # took a place, without buying yet
    "paid",  # an order, or a line of what the play is about
    "collected",  # goods, at the counter
    "reviewed",  # any verified opinion, good or bad
    "checked_in",
    "helped",  # tapped on somebody's link: what channels ban
    "scanned",  # was at the counter and scanned the paper there for somebody
    "arrived",  # a newcomer whom somebody brought
    "voted",
    "answered",  # a question or a guess; `points` say how right
    "played",  # a game of skill, with its `points`
    "walked",  # steps, in `units`
    "watered",
    "offered",  # a price that the other side took
    "came_of_age",  # a birthday, or so many days without an order: what `life` triggers on
    "redeemed",  # points, a code
]
ShareForm = Literal["none", "code", "link", "card", "poster", "relay", "paper", "message"]
Aim = Literal["newcomers", "return", "bigger_baskets", "clear_stock", "collect_on_time", "trust", "fun", "leaders"]


class Trigger(Part, frozen=True):
    """How a run begins, and how long it lasts."""

    kind: TriggerKind
    every: Annotated[
        Literal["once", "hour", "day", "week", "month"], Meta(description="`once`: until it is stopped")
    ] = "once"
    at: Annotated[TimeOfDay | None, Meta(description="when it begins, of plays that begin by the clock")] = None
    minutes: Annotated[Count | None, Meta(description="how long a run lasts; until the next one without")] = None
    #: Of `life`: days without an order.
    dormant_days: Count | None = None
    #: Of `threshold`: the point's sales of the month.
    over_fen: Fen | None = None
    #: Of `supply`: what makes it begin.
    when: Literal["expiring", "rain", "heat", "plenty"] | None = None
    runs_at_once: Annotated[Count, Meta(description="open runs of one opener")] = 1


class Participants(Part, frozen=True):
    """Who may take part, how far a run reaches, and whose counts are kept apart."""

    reach: Annotated[
        Literal["opener", "point", "leader", "city", "province"],
        Meta(description="one run for each; `opener`: one for everybody who opens"),
    ]
    unit: Annotated[
        Literal["member", "household", "building", "team", "point", "leader", "entry"],
        Meta(description="whose counts are kept apart and rewarded; `entry`: a photo or a thing that is voted for"),
    ] = "member"
    who: Literal["everybody", "newcomers", "buyers", "leaders"] = "everybody"
    same_point: bool = False
    seats: Annotated[Count | None, Meta(description="units that a run has room for")] = None
    once_over: Annotated[
        Literal["unit", "run"],
        Meta(description="what limits of a member are counted over; `run`: one vote over all entries"),
    ] = "unit"


class Counting(Part, frozen=True):
    """A fact that counts, how much, and how often."""

    fact: FactKind
    measure: Annotated[
        Literal["times", "people", "units", "fen", "kinds", "days", "points", "minutes", "nearness"],
        Meta(
            description="`people`: once for each member; `days`: once for each local day; `minutes`: since the run"
            " began, the first as one; `nearness`: of a guess to the run's answer, `worth` when it is right"
        ),
    ] = "times"
    worth: Annotated[Count, Meta(description="what one of the measure counts")] = 1
    least_fen: Fen | None = None
    before: TimeOfDay | None = None
    on_time: Annotated[bool, Meta(description="collected within the hours of the point")] = False
    first_order: bool = False
    by: Annotated[
        Literal["anybody", "opener", "others"],
        Meta(description="`others`: not the opener; where nobody opens, not the member whose unit it is"),
    ] = "anybody"
    most_per_day: Annotated[Count | None, Meta(description="of this rule and one member; more counts nothing")] = None
    most: Annotated[Count | None, Meta(description="of this rule and one member in one run")] = None
    attempts: Annotated[bool, Meta(description="what fits but counts nothing uses up one of the most")] = False
    into: Annotated[Literal["sum", "base"], Meta(description="`base`: what the mean of a ranking is taken over")] = (
        "sum"
    )


class Limits(Part, frozen=True):
    """What a run may cost and how often a member may gain; L1-L7 and L10 of the catalogue."""

    per_member_day: Annotated[Count | None, Meta(description="rewards of this play")] = None
    per_member: Annotated[Count | None, Meta(description="rewards of this play in one run")] = None
    once_for_newcomers: Annotated[bool, Meta(description="per person, phone, device and address together")] = False
    budget_fen: Annotated[Fen | None, Meta(description="of the play, all its runs")] = None
    leader_budget_fen: Annotated[Fen | None, Meta(description="of the runs of one leader")] = None
    day_budget_fen: Fen | None = None
    stock: Annotated[Count | None, Meta(description="rewards in goods, or places")] = None
    price_floor_bps: Annotated[Bps | None, Meta(description="of the day's price, below which none falls")] = None
    commission_levels: Annotated[int, Meta(ge=0, le=9)] = 0


class Funder(Part, frozen=True):
    """Who pays which part of what it gives."""

    payer: Literal["platform", "leader", "supplier"]
    share_bps: Bps


class Skin(Part, frozen=True):
    """How the client draws it: a kind it may not know, as every node has its text form."""

    kind: Literal[
        "play_board", "play_meter", "play_streak", "play_ranking", "play_wheel", "play_grid", "play_scratch",
        "play_eggs", "play_reels", "play_shake", "play_claw", "play_dice", "play_lamp", "play_boxes", "play_rain",
        "play_quiz", "play_vote", "play_plot", "play_cards", "play_tasks", "play_price", "play_coupon",
    ]  # fmt: skip
    title: Text
    lines: tuple[Text, ...] = ()
    picture: str = ""


class Texts(Part, frozen=True):
    """Its form in a bare chat, ready to paste (S1, S5, S6).

    Words in braces are filled: of things offer, price, prize, pot, target, until, code, point, leader, name, opener,
    team, winner; of figures count, left, level, joined, and of one member turns, mine, days, place. A sentence with a
    figure that is not known is left out; one with a member's is for others only where it says who that is.
    """

    invite: Text
    progress: Text
    done: Text


class Definition(Part, frozen=True, tag_field="what", tag="play"):
    """A play. What it gives may never depend on somebody having shared something (L8): there is no fact for it."""

    schema: Literal[1]
    code: Code
    version: Count = 1
    number: Annotated[int, Meta(ge=0, le=109, description="in the catalogue; 0: composed by operators")] = 0
    name: Text
    aim: Aim
    trigger: Trigger
    participants: Participants
    counts: Annotated[tuple[Counting, ...], Meta(min_length=1)]
    progress: Progress
    rewards: tuple[Reward, ...] = ()
    share: Annotated[tuple[ShareForm, ...], Meta(min_length=1)]
    limits: Limits = field(default_factory=Limits)
    unfilled: Annotated[
        Literal["keep", "refund"], Meta(description="orders of a run that ends before its first level")
    ] = "keep"
    closes: Annotated[
        Literal["at_end", "when_full"],
        Meta(description="`when_full`: with the last seat, of runs without seats with the last level"),
    ] = "at_end"
    skin: Skin
    texts: Texts
    terms: Annotated[Text, Meta(description="object, way, conditions, beginning and end, in words (P14)")]
    funding: tuple[Funder, ...] = ()
    rewrite: Annotated[
        Code | None, Meta(description="of a form that channels ban: the lawful play that does the same")
    ] = None
