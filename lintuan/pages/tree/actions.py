"""What a tap does. A client that does not know a `do` shows its `text` and that a newer version is needed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from .base import Fen, Path, Value, With, Words

#: In `done`, a string that reads "$name" stands for the member `name` of the answer.
Done = Annotated[
    list["Action"],
    Meta(description='what follows once it is done; a string "$name" in it stands for the answer\'s member `name`'),
]


class _Act(Value, tag_field="do"):
    text: Words


class Navigate(_Act, tag="navigate"):
    """Open a page."""

    page: str
    with_: With = field(name="with", default_factory=dict)
    replace: Annotated[bool, Meta(description="in place of the page it is on")] = False


class Back(_Act, tag="back"):
    """To the page before."""


class Refresh(_Act, tag="refresh"):
    """Ask for the same page again."""


class Open(_Act, tag="open"):
    """Open an address outside of the client."""

    url: str


class Call(_Act, tag="call"):
    """Ask the API to do something; a form's values are merged into `body` under their names, dots leading inwards."""

    method: Literal["POST", "PUT", "DELETE", "GET"]
    path: Path
    body: dict[str, Any] = field(default_factory=dict)
    idempotent: Annotated[bool, Meta(description="send an Idempotency-Key, the same for the same content")] = True
    ask: Annotated[str, Meta(description="a question to be answered with yes first")] = ""
    done: Done = field(default_factory=list)


class Add(_Act, tag="add"):
    """Put units of an offer into the basket on this device."""

    offer: str
    quantity: int = 1
    price_fen: Fen


class TakeOut(_Act, tag="take_out"):
    """Take an offer out of the basket on this device."""

    offer: str


class SetQuantity(_Act, tag="set_quantity"):
    """Make the units of an offer in the basket on this device these."""

    offer: str
    quantity: int
    price_fen: Fen


class EmptyBasket(_Act, tag="empty_basket"):
    """Empty the basket on this device."""


class OrderLine(Value):
    offer: str
    quantity: int
    price_fen: Fen


class PlaceOrder(_Act, tag="order"):
    """POST /api/v1/orders with `lines`, or with the basket on this device, which an order empties."""

    point: str
    basket: Annotated[str, Meta(description="the household basket whose open lines these are")] = ""
    together: Annotated[bool, Meta(description="everybody's lines of that basket")] = False
    lines: Annotated[list[OrderLine], Meta(description="empty: those of the basket on this device")] = field(
        default_factory=list
    )
    saved_fen: Annotated[int, Meta(description="what was shown that rewards save, in whole fen; agreed with it")] = 0
    run: Annotated[str, Meta(description="the round of a play that the order takes a seat in")] = ""
    done: Done = field(default_factory=list)


class Pay(_Act, tag="pay"):
    """POST /api/v1/orders/{order}/pay (or /charges/{charge}/payment), open it, then the page `paying`."""

    order: str = ""
    charge: str = ""
    method: Annotated[str, Meta(description="how to pay; '': as clients of any age know")] = ""
    counter: Annotated[
        str,
        Meta(description="a demonstration's page to pay at where there is no WeChat: parameters and `back` are added"),
    ] = ""


class ConfirmTransfer(_Act, tag="confirm_transfer"):
    """GET `path` and hand its `fields` to WeChat, where the reader confirms that money comes to them; then the page is
    asked for again. Where there is no WeChat, `text` is shown."""

    path: Path


class _Deed(_Act):
    """POST to `path` with an Idempotency-Key. What the API answers is shown as a `PlayResult`; without `done` the page
    is then asked for again."""

    path: Path
    body: dict[str, Any] = field(default_factory=dict)
    done: Done = field(default_factory=list)


class Join(_Deed, tag="join"):
    """Take a place: in a group, a team, a draw."""


class Draw(_Deed, tag="draw"):
    """Draw a lot or open a packet."""

    nonce: Annotated[
        str,
        Meta(description="the member of the body that gets what the client itself drew, its Idempotency-Key; '': none"),
    ] = ""


class OpenRun(_Deed, tag="open_run"):
    """Open a round of one's own, that others can join."""

    ask: Annotated[str, Meta(description="a question to be answered with yes first")] = ""


class CheckIn(_Deed, tag="check_in"):
    """Say that one is here today."""


class Vote(_Deed, tag="vote"):
    """Give a vote, or take it back."""


class Answer(_Deed, tag="answer"):
    """Answer a question or name a price: the value is merged into `body` under `name`."""

    name: str = "answer"


class PlayGame(_Deed, tag="play"):
    """Play a game of skill: its points are merged into `body` under `name`."""

    name: str = "points"


class Share(_Act, tag="share"):
    """Hand something over to be shared: with the platform's own sheet, else by copying."""

    form: Literal["text", "link", "card", "picture"]
    title: str
    content: str
    picture: str = ""
    page: Annotated[str, Meta(description="the page a card opens")] = ""
    with_: With = field(name="with", default_factory=dict)


class Subscribe(_Act, tag="subscribe"):
    """Ask for leave to send messages about these."""

    topics: list[str]


class Copy(_Act, tag="copy"):
    content: str


class Dial(_Act, tag="dial"):
    number: str


class Scan(_Act, tag="scan"):
    """Read a code with the camera; what it says is a form's field `name`, or the parameter `name` of a page."""

    name: str = "code"
    page: str = ""


class SignIn(_Act, tag="sign_in"):
    """Open the page `sign_in`, and afterwards do `then`."""

    then: list[Action] = field(default_factory=list)


class Enter(_Act, tag="enter"):
    """POST a form to `path`, keep the session that it answers, and go on where signing in was asked for."""

    path: Path
    body: dict[str, Any] = field(default_factory=dict)
    then: Annotated[list[Action], Meta(description="where nothing asked for it")] = field(default_factory=list)


class SignOut(_Act, tag="sign_out"):
    """End the session here and at the server (POST /api/v1/sign-out)."""

    ask: str = ""


class ChoosePoint(_Act, tag="choose_point"):
    """Remember the pickup point on this device; the basket of another point is emptied."""

    point: str
    name: str = ""


class ChooseLanguage(_Act, tag="choose_language"):
    lang: Literal["zh-hans", "en"]


class ChooseSize(_Act, tag="choose_size"):
    """Remember the size of type on this device."""

    size: Literal["normal", "large"]


class Place(_Act, tag="place"):
    """Ask the device where it is and open the page with `lat` and `lng`."""

    page: str
    with_: With = field(name="with", default_factory=dict)


class Print(_Act, tag="print"):
    """Print the page."""


class SavePicture(_Act, tag="save_picture"):
    """Keep a picture among the device's own; without `src`, the poster beside it."""

    src: str = ""


class SaveFile(_Act, tag="save_file"):
    """GET the path as who is signed in and keep the answer as a file."""

    path: Path
    name: str


class Tell(_Act, tag="tell"):
    """Say `text` for a moment."""

    tone: Literal["good", "info", "bad"] = "good"


class Several(_Act, tag="several"):
    """One after the other, until one fails."""

    actions: list[Action]


Action = (
    Navigate
    | Back
    | Refresh
    | Open
    | Call
    | Add
    | TakeOut
    | SetQuantity
    | EmptyBasket
    | PlaceOrder
    | Pay
    | ConfirmTransfer
    | Join
    | Draw
    | OpenRun
    | CheckIn
    | Vote
    | Answer
    | PlayGame
    | Share
    | Subscribe
    | Copy
    | Dial
    | Scan
    | SignIn
    | Enter
    | SignOut
    | ChoosePoint
    | ChooseLanguage
    | ChooseSize
    | Place
    | Print
    | SavePicture
    | SaveFile
    | Tell
    | Several
)
