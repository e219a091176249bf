"""The kinds of nodes. A client that does not know a kind shows its `text`, and its `tap` where it knows that."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from . import values
from .actions import Action, Dial
from .base import Fen, Moment, Path, Value
from .kind import Kind
from .plays import PlayNode
from .values import Picture, Qr, Tone


class Plain(Kind, tag="plain"):
    """Words."""


class Banner(Kind, tag="banner"):
    title: str
    lines: list[str] = field(default_factory=list)
    picture: Picture | None = None


class Notice(Kind, tag="notice"):
    tone: Tone = "info"
    title: str
    lines: list[str] = field(default_factory=list)


class Countdown(Kind, tag="countdown"):
    """Counts by the server's clock; at the end the page is asked for again."""

    until: Moment
    label: str
    over: Annotated[str, Meta(description="shown once the moment has passed")]


class Heading(Kind, tag="heading"):
    title: str
    more: Action | None = None


class _Offers(Kind):
    offers: list[values.Offer]
    source: values.Source | None = None
    search: bool = False
    categories: list[values.Category] = field(default_factory=list)
    closed: Annotated[str, Meta(description="why nothing can be put into the basket now; empty: it can")] = ""


class OfferGrid(_Offers, tag="offer_grid"):
    """Offers side by side."""


class OfferList(_Offers, tag="offer_list"):
    """Offers one below the other."""


class OfferCard(Kind, tag="offer_card"):
    offer: values.Offer


class Product(Kind, tag="product"):
    offer: values.Offer
    gallery: list[Picture] = field(default_factory=list)
    origin: str = ""
    storage: str = ""
    facts: list[values.Fact] = field(default_factory=list)
    certificates: list[values.Certificate] = field(default_factory=list)


class PriceHistory(Kind, tag="price_history"):
    points: list[values.PriceOn]
    note: str = ""


class BasketBar(Kind, tag="basket_bar"):
    """Shows the basket on this device and what it comes to; not shown while it is empty."""

    to: Action


class Quote(Kind, tag="quote"):
    steps: list[values.QuoteStep]
    to_pay_fen: Fen
    refusals: list[values.NotQuoted] = field(default_factory=list)


class BasketLines(Kind, tag="basket_lines"):
    """The basket on this device, with its steppers."""

    lines: list[values.BasketLine]


class Coupon(Kind, tag="coupon"):
    title: str
    amount_fen: Fen
    until: Moment
    state: Literal["open", "used", "over"]


class RichText(Kind, tag="rich_text"):
    blocks: list[Block]


class Block(Value):
    type: Literal["p", "h", "li"]
    text: str


class Image(Kind, tag="image"):
    picture: Picture


class Video(Kind, tag="video"):
    src: str
    poster: Picture
    seconds: int


class LeaderCard(Kind, tag="leader_card"):
    name: str
    note: str = ""
    picture: Picture | None = None
    hours: str = ""
    dial: Dial | None = None


class PointPicker(Kind, tag="point_picker"):
    points: list[values.PickPoint]
    asks_place: bool = False
    place: Annotated[Action | None, Meta(description="to sort them by distance")] = None
    search: Annotated[
        bool,
        Meta(description="found by words, of which the page `points` is asked for with them as `q`: not all are here"),
    ] = True


class GroupBoard(Kind, tag="group_board"):
    have: int
    need: int
    until: Moment
    names: Annotated[list[str], Meta(description="masked")] = field(default_factory=list)
    join: Action | None = None


class Progress(Kind, tag="progress"):
    value: int
    of: int
    label: str = ""


class Form(Kind, tag="form"):
    fields: list[values.Field]
    submit: Annotated[Action, Meta(description="a call or enter gets the values merged into its body")]


class SharePanel(Kind, tag="share_panel"):
    forms: list[values.ShareForm]


class Poster(Kind, tag="poster"):
    """A picture to make of these and keep."""

    title: str
    lines: list[str] = field(default_factory=list)
    picture: Picture | None = None
    qr: Qr


class OrderList(Kind, tag="order_list"):
    orders: list[values.OrderCard]


class Order(Kind, tag="order"):
    id: str
    number: str
    state: str
    state_text: str
    tone: Tone = "info"
    lines: list[values.OrderedLine]
    amount_fen: Fen
    refunded_fen: Fen = 0
    promise: str = ""
    change_until: Moment | None = None


class PickupCode(Kind, tag="pickup_code"):
    code: str
    digits: Annotated[str, Meta(description="the code in groups that are easy to read out", examples=["042 917"])]
    qr: Qr
    for_: Annotated[str, Meta(description="whose goods, where and when")] = field(name="for")
    items: list[values.Goods] = field(default_factory=list)
    proxy: Annotated[Action | None, Meta(description="to let someone else collect")] = None


class StatusLine(Kind, tag="status_line"):
    steps: list[values.Step]


class Empty(Kind, tag="empty"):
    title: str
    lines: list[str] = field(default_factory=list)
    picture: Picture | None = None
    icon: Annotated[str, Meta(description="where there is no picture: a name of the client's icons")] = "basket"
    to: Action | None = None


class Error(Kind, tag="error"):
    title: str
    lines: list[str] = field(default_factory=list)
    retry: Action | None = None


class Buttons(Kind, tag="buttons"):
    items: list[values.Button]


class Facts(Kind, tag="facts"):
    rows: list[values.Fact]


class List(Kind, tag="list"):
    rows: list[values.Row]


class MetricRow(Kind, tag="metric_row"):
    items: list[values.Metric]


class Divider(Kind, tag="divider"):
    """A line between what belongs apart."""


class Steps(Kind, tag="steps"):
    """How something is done, in order."""

    items: list[values.Hint]


class LanguageSwitch(Kind, tag="language_switch"):
    current: str
    choices: list[values.Choice]


class TextSize(Kind, tag="text_size"):
    choices: list[values.Choice]


class Handout(Kind, tag="handout"):
    """The leader's screen at the door; works without a network. GET `source` answers {"pickups": [...]}; a code is
    posted to `collect`, at once or when the network is back, each with its own Idempotency-Key."""

    source: Path
    collect: Path
    day: str
    sale_on: str
    digits: int = 6
    grace: Annotated[int, Meta(description="seconds in which a hand-out can be undone: it is posted after them")] = 5


class Receive(Kind, tag="receive"):
    drops: list[values.Drop]


class PickList(Kind, tag="pick_list"):
    by: Literal["person", "product"]
    groups: list[values.PickGroup]


class Section(Kind, tag="section"):
    title: str = ""
    children: list[Node]


class TabBody(Value):
    id: str
    title: str
    body: list[Node]


class Tabs(Kind, tag="tabs"):
    items: list[TabBody]


Node = (
    Plain
    | Banner
    | Notice
    | Countdown
    | Heading
    | OfferGrid
    | OfferList
    | OfferCard
    | Product
    | PriceHistory
    | BasketBar
    | Quote
    | BasketLines
    | Coupon
    | RichText
    | Image
    | Video
    | LeaderCard
    | PointPicker
    | GroupBoard
    | Progress
    | Form
    | SharePanel
    | Poster
    | OrderList
    | Order
    | PickupCode
    | StatusLine
    | Empty
    | Error
    | Buttons
    | Facts
    | List
    | MetricRow
    | Divider
    | Steps
    | LanguageSwitch
    | TextSize
    | Handout
    | Receive
    | PickList
    | Section
    | Tabs
    | PlayNode
)
