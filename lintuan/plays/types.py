"""What plays take and give."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from lintuan.kernel.money import Money, total
from lintuan.plays.engine.definition import Definition, FactKind
from lintuan.plays.engine.learning.offering import Choice
from lintuan.plays.engine.wallet import Kind
from lintuan.sharing.types import Channel


class CampaignState(StrEnum):
    """A play that was started runs until it is stopped or its time is over."""

    LIVE = "live"
    STOPPED = "stopped"


class RunState(StrEnum):
    """Where a run stands; `unfilled` ones paid back what was paid for them."""

    OPEN = "open"
    OVER = "over"
    UNFILLED = "unfilled"


class GrantState(StrEnum):
    """Where a reward stands; docs/algorithms/rewards.md has the moves."""

    GIVEN = "given"
    HELD = "held"
    DENIED = "denied"
    USED = "used"
    TAKEN = "taken"
    LAPSED = "lapsed"


class GrantDecision(StrEnum):
    """What a person says of a reward that was held."""

    GIVE = "give"
    DENY = "deny"


class Bought(Struct, frozen=True):
    """Units of a SKU in an order, and what they cost, in fen."""

    sku_id: int
    units: int
    fen: int


class Happening(Struct, frozen=True):
    """What happened in another room, before any play has looked at it.

    `key` names it for ever; what corrects it comes under another key after the first was withdrawn. `run_id` is the run
    that it names, `unit` what it votes for, `of` the number of an answer or a card, `nonce` what the member's client
    adds to a draw.
    """

    key: str
    kind: FactKind
    member_id: int
    at: datetime
    point_id: int = 0
    order_id: int = 0
    lines: tuple[Bought, ...] = ()
    fen: int = 0
    day_fen: int = 0
    units: int = 0
    points: int = 0
    of: tuple[str, ...] = ()
    nonce: str = ""
    run_id: int = 0
    unit: int = 0
    campaign_id: int = 0
    is_first_order: bool = False
    is_on_time: bool = False
    is_own: bool = False


class PastEvening(Struct, frozen=True):
    """What happened at a point on one sale day and stood in the end, in its order."""

    sale_on: date
    point_id: int
    happenings: tuple[Happening, ...] = ()


class Question(Struct, frozen=True):
    """A question of a quiz, with its options in both languages and which of them is right, counted from 0.

    `why_zh` and `why_en` are told with the answer.
    """

    zh: str
    en: str
    options: tuple[tuple[str, str], ...]
    answer: int
    why_zh: str = ""
    why_en: str = ""


class Content(Struct, frozen=True):
    """What a campaign is filled with that its definition leaves open: questions, entries, what is to be guessed."""

    questions: tuple[Question, ...] = ()
    entries: tuple[tuple[int, str], ...] = ()
    answer: str = ""
    note: str = ""


class NewCampaign(Struct, frozen=True):
    """How a play is to be started.

    It is about these SKUs (none: about all goods), at these points (none: in the whole province), and `goods` says
    which SKU each name of its definition stands for. `channel` is one of sharing's, where its words will be posted.
    """

    point_ids: tuple[int, ...] = ()
    sku_ids: tuple[int, ...] = ()
    goods: dict[str, int] = {}
    channel: str = Channel.WECHAT_GROUP
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    content: Content = Content()


class CampaignView(Struct, frozen=True):
    """A play that was started; the definition is as it was then."""

    id: int
    province_id: int
    definition: Definition
    state: CampaignState
    leader_id: int
    point_ids: frozenset[int]
    sku_ids: frozenset[int]
    goods: dict[str, int]
    channel: str
    starts_at: datetime
    ends_at: datetime | None
    started_by: str
    content: Content = Content()


class RunView(Struct, frozen=True):
    """A run as everybody may see it; `seed` and `answer` stay empty until it is over, `sealed` is the answer's hash."""

    id: int
    campaign_id: int
    scope: int
    opener_id: int
    code: str
    state: RunState
    begins_at: datetime
    ends_at: datetime | None
    total: int
    seats: int
    level: int
    prizes_left: tuple[int, ...]
    commitment: str
    seed: str
    sealed: str = ""
    answer: str = ""


class GrantView(Struct, frozen=True):
    """A reward of somebody; `worth` is what it may save, `spent` what it has saved."""

    id: int
    campaign_id: int
    run_id: int
    reward: int
    kind: str
    state: GrantState
    worth: Money
    spent: Money
    given_at: datetime
    expires_on: date | None
    order_id: int
    points: int


class UseView(Struct, frozen=True):
    """What a reward saved on an order; `kind` is its step in the order in which they are taken."""

    campaign: CampaignView
    kind: Kind
    saved: Money


class Spending(Struct, frozen=True):
    """What a budget allows and what is promised of it, in fen or pieces."""

    kind: str
    subject: int
    on: date | None
    most: int
    spent: int


class CampaignFigures(Struct, frozen=True):
    """How many runs a campaign had and rewards it gave, by state, and how many people counted something."""

    runs: dict[str, int] = {}
    rewards: dict[str, int] = {}
    people: int = 0


class Deed(Struct, frozen=True):
    """What a member does in a play: `unit` is what they vote for, whom they help or who brought them.

    `code` is what the paper at the counter says, or a gift code; `has_bought` is not the member's to say: whoever takes
    the deed asks ordering.
    """

    campaign_id: int
    kind: FactKind
    run_id: int = 0
    unit: int = 0
    units: int = 0
    points: int = 0
    fen: int = 0
    of: tuple[str, ...] = ()
    nonce: str = ""
    code: str = ""
    has_bought: bool = False


class Outcome(Struct, frozen=True):
    """What a deed led to: the run, and the rewards that followed.

    `ticket` is the one that it drew, `of` the card that it turned up, `points` what an answer counted. Of a price that
    was named `agreed_fen` is the one agreed on (0: not taken), `left` how many may still be named.
    """

    run_id: int
    grant_ids: tuple[int, ...] = ()
    ticket: str = ""
    of: tuple[str, ...] = ()
    points: int = 0
    agreed_fen: int = 0
    left: int = 0


class Rewarded(Struct, frozen=True):
    """How often a reward was given and stands, what is promised for it and what it has saved so far."""

    reward: int
    kind: str
    times: int
    promised: Money
    spent: Money


class Account(Struct, frozen=True):
    """What a campaign has come to.

    `orders` are the ones that its runs heard and that stand, `sold` what of them it is about: no claim that they would
    not have been placed without it.
    """

    open_runs: int
    over_runs: int
    unfilled_runs: int
    people: int
    orders: int
    sold: Money
    given: tuple[Rewarded, ...]
    held: int
    budgets: tuple[Spending, ...]

    @property
    def promised(self) -> Money:
        return total(one.promised for one in self.given)

    @property
    def spent(self) -> Money:
        return total(one.spent for one in self.given)


class NewTrial(Struct, frozen=True):
    """A question put to leaders by lot: the first arm is what the others are compared with.

    Each arm is the code of a play, or `AS_NOW`: without `about` the play that a leader's shelf puts first, with it the
    written form of that play which they start in its place.
    `matters` is the smallest difference that would change anything, in fen a member and day; the days are local ones,
    from the one on that it is begun.
    """

    code: str
    arms: tuple[str, ...]
    matters: float
    days: int
    wrong: float = 0.05
    least_leaders: int = 20
    about: str = ""


class TrialView(Struct, frozen=True):
    """A question put to leaders; both of its days are in it, and `leaders` says how many are in each arm.

    Of those so many `declined`; they are compared with the arm that the lot gave them.
    """

    code: str
    about: str
    arms: tuple[str, ...]
    leaders: dict[str, int]
    declined: dict[str, int]
    matters: float
    wrong: float
    least_leaders: int
    begins_on: date
    ends_on: date
    is_over: bool


class InTrial(Struct, frozen=True):
    """A trial that acts on a leader; `shows` is the play that their arm puts first or in the place of `about`.

    `shows` is empty where nothing is changed: the arm is `AS_NOW`, or a guard refuses its play.
    """

    id: int
    code: str
    about: str
    arm: str
    shows: str
    ends_on: date


class AsStarted(Struct, frozen=True):
    """Leaders of an arm who started what it is about, and what came in, in fen a member and day; none where nobody is.

    They chose to start, so this compares nothing by lot.
    """

    leaders: int
    mean: float | None


class Offered(Struct, frozen=True):
    """What a leader was offered on a local day, the first choices in front; `took` is the campaign that came of it."""

    leader_id: int
    on: date
    group_type: str
    members: int
    choices: tuple[Choice, ...]
    exploration: float
    took: int


class Hindsight(Struct, frozen=True):
    """A leader's campaign that is over: what it brought, in fen a member and day, and what was expected of it.

    `expected` is the belief when it was offered, none where it was not.
    """

    campaign_id: int
    brought: float
    members: int
    days: int
    cost: Money
    expected: float | None


class Ticket(Struct, frozen=True):
    """A ticket of a draw: who holds it, and once the run is over its number (none where so many win) and prize."""

    name: str
    unit: int
    number: int | None = None
    prize: int | None = None
