"""The values that nodes show: pictures, offers, orders, fields of a form."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, field

from .actions import Action, Call
from .base import Fen, Moment, Path, Value, Words

Tone = Literal["info", "good", "warn", "bad"]


class Picture(Value):
    """Always with its size, so that nothing jumps when it comes."""

    src: str
    alt: Annotated[str, Meta(description="empty: it only adorns")] = ""
    width: int
    height: int
    tint: Annotated[str, Meta(description="a colour to show before it has come", examples=["#e8f3ea"])] = ""


class Qr(Value):
    """A QR code as one SVG path on a square of `size` units, quiet zone included."""

    path: str
    size: int


class Nearby(Value):
    """Neighbours around who bought it, counted only where enough did."""

    count: int
    text: Words


class Score(Value):
    value_permille: int
    reviews: int
    effective: Annotated[int, Meta(description="how many independent opinions they are worth")]
    text: Words


class Offer(Value):
    """An offer as one sees it before choosing."""

    id: str
    name: str
    spec: str = ""
    unit: str = ""
    price_fen: Fen
    list_fen: Annotated[int | None, Meta(description="only where the law on prices allows a struck-through one")] = None
    per_unit: Annotated[str, Meta(examples=["¥3.98/500g"])] = ""
    picture: Picture
    category: str = ""
    left: Annotated[int | None, Meta(description="only where few are left")] = None
    limit: Annotated[int | None, Meta(description="units one order may hold")] = None
    sold_out: bool = False
    notes: list[str] = field(default_factory=list)
    nearby: Nearby | None = None
    score: Score | None = None
    tap: Action | None = None


class Source(Value):
    """Where the rest of a list is: GET `path` answers {"offers": [...]} as the API's shelf does."""

    path: Path
    from_: Annotated[int, Meta(description="how many of them stand here already")] = field(name="from")
    page: Annotated[str, Meta(description="what a tap on one of them opens, with its id as `offer`")] = "product"


class Category(Value):
    id: str
    title: str


class Fact(Value):
    label: str
    value: str


class Certificate(Value):
    title: str
    number: str
    on: date | None = None


class PriceOn(Value):
    on: date
    fen: Fen


class QuoteStep(Value):
    label: str
    fen: Fen
    why: str = ""


class NotQuoted(Value):
    """A line that cannot be ordered as it stands, and why."""

    offer: str
    name: str = ""
    reason: str


class BasketLine(Value):
    offer: Offer
    quantity: int
    why: Annotated[str, Meta(description="why it is not to be had as it stands")] = ""


class PickPoint(Value):
    id: str
    name: str
    address: str
    metres: int | None = None
    open: bool
    why: Annotated[str, Meta(description="why it is not open")] = ""
    note: str = ""
    tap: Action | None = None


class OrderCard(Value):
    id: str
    number: str
    state: str
    state_text: str
    tone: Tone = "info"
    title: str
    summary: str
    amount_fen: Fen
    tap: Action | None = None


class OrderedLine(Value):
    name: str
    spec: str = ""
    unit: str = ""
    picture: Picture | None = None
    quantity: int
    price_fen: Fen
    amount_fen: Fen
    notes: list[str] = field(default_factory=list)
    tap: Action | None = None


class Goods(Value):
    """Units of something, to collect or to hand out."""

    name: str
    spec: str = ""
    unit: str = ""
    quantity: int
    picture: Picture | None = None


class Choice(Value):
    value: str
    label: str
    note: str = ""


class Field(Value):
    """A value a form asks for. `name` says where in the body it goes: `lines.0.quantity` leads inwards."""

    name: str
    label: str
    type: Literal["text", "phone", "code", "number", "choice", "choices", "photo", "consent", "textarea"]
    required: bool = False
    value: Annotated[
        str | int | bool | list[str] | None,
        Meta(description="what stands in it at first; of a consent, what is sent once it is ticked"),
    ] = None
    choices: list[Choice] = field(default_factory=list)
    min: int | None = None
    max: Annotated[
        int | None, Meta(description="of a number the greatest, of words their length, of photos how many")
    ] = None
    help: str = ""
    picture: Picture | None = None
    send: Annotated[
        str,
        Meta(
            description="of a code: where {phone} is posted to have one sent. Of a photo: where the file is posted "
            "(multipart, part `photo`); the answer's `key` is the field's value, a list where `max` is more than one"
        ),
    ] = ""
    more: Annotated[Action | None, Meta(description="to read more before consenting")] = None


class ShareForm(Value):
    form: Literal["text", "link", "card", "picture"]
    title: str
    content: str
    tap: Action


class Step(Value):
    label: str
    at: Moment | None = None
    state: Literal["next", "now", "done"]


class Row(Value):
    title: str
    note: str = ""
    value: str = ""
    badge: str = ""
    tone: Tone = "info"
    picture: Picture | None = None
    tap: Action | None = None


class Metric(Value):
    label: str
    value: str
    note: str = ""
    tap: Action | None = None


class Button(Value):
    label: str
    style: Literal["plain", "main", "danger"] = "plain"
    tap: Action
    disabled: Annotated[str, Meta(description="why it cannot be pressed now")] = ""


class Hint(Value):
    title: str
    note: str = ""


class DropLine(Goods):
    """Units of a SKU in a drop: `quantity` were sent."""

    code: str
    short: int = 0
    damaged: int = 0
    photos: list[Picture] = field(default_factory=list)


class Drop(Value):
    """Goods for one pickup point. Where `sign` is, the reader counts: what is wrong goes into its body as
    `discrepancies`: [{sku_code, short, damaged, photos}]."""

    id: str
    title: str
    state: str
    state_text: str
    note: str = ""
    lines: list[DropLine]
    sign: Call | None = None
    photo: Annotated[str, Meta(description="where a photo of what is wrong is posted, as a field's `send`")] = ""


class PickRow(Value):
    label: str
    quantity: int
    unit: str = ""
    note: str = ""
    done: bool = False


class PickGroup(Value):
    title: str
    note: str = ""
    rows: list[PickRow]
