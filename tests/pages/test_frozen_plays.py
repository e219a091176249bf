"""The client built before there were plays shows every play that may start, and does what members do by a tap."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec
import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from lintuan.kernel import clock
from lintuan.kernel.ids import public_id
from lintuan.kernel.money import Money
from lintuan.leaders.types import PointView
from lintuan.plays.catalogue import plays as shipped
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.linter import lint
from lintuan.plays.engine.linting.verdict import GoodsPrice, Prices
from lintuan.plays.engine.progress import Draw
from lintuan.plays.engine.rewards import Goods
from lintuan.plays.types import CampaignView, Content, Question
from lintuan.sharing.queries import channel_policy
from lintuan.sharing.types import Channel
from tests.browser import Window
from tests.make import campaigns, fulfilment, leaders, members, ordering, pricing
from tests.make.ordering import EVENING
from tests.make.phones import Phones
from tests.make.provinces import HUBEI

from .test_frozen import FROZEN, PHONE, install, phones, sign_in

__all__ = ["phones"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OLDEST = FROZEN[0]
PRICES = Prices(goods=(GoodsPrice(goods="土豆", day=Money(599), cost=Money(250)),))
#: Said where a member can do nothing now.
WAITS = re.compile(r"Not on now|It is for ")
#: What a member does by a tap, and what it is called.
TAPS = {"checked_in": "Check in", "joined": "Take part", "watered": "Water it", "played": "Play"}
#: What a page of ours never says.
BROKEN = re.compile(r"\{[a-z_]+\}|\bNone\b|undefined|\[object|This needs a newer version")


@pytest.fixture
def point() -> PointView:
    view = leaders.point(name_en="Lao Wang's shop")
    fulfilment.network([view])
    return view


def may_start() -> list[Definition]:
    """Every play that some channel allows; the forms that are banned for links are not among them."""
    on, policy = clock.now().date(), channel_policy()
    verdicts = ((play, lint(play, channels=policy, on=on, prices=PRICES)) for play in shipped().values())
    return [play for play, verdict in verdicts if verdict.may_start(Channel.BARE_CHAT)]


def running(play: Definition, point: PointView, sku_id: int) -> CampaignView:
    """As a leader would have started it tonight, about goods that are on the shelf."""
    question = Question("哪种菜含维C多？", "Which has more vitamin C?", (("辣椒", "Pepper"), ("土豆", "Potato")), 0)
    content = Content(questions=(question,), entries=((1, "番茄炒蛋"),), answer="1")
    return campaigns.running(
        play,
        leader_id=point.leader_id,
        point_ids=[point.id],
        sku_ids=[sku_id],
        goods={one.sku: sku_id for one in play.rewards if isinstance(one, Goods)},
        content=msgspec.to_builtins(content),
    )


@pytest.fixture
def walker(
    phone: Window, phones: Phones, live_server: LiveServer, clock_at: Callable[[str], datetime]
) -> Iterator[Page]:
    clock_at(EVENING)
    install(OLDEST, phone.page, live_server.url)
    yield phone.page
    assert phone.troubles == []


def test_a_client_from_before_plays_shows_and_does_every_play_that_may_start(
    walker: Page, phones: Phones, live_server: LiveServer, point: PointView
) -> None:
    goods = pricing.offer(599)
    _sign_in_a_buyer(walker, phones, live_server.url, point)
    plays, done = may_start(), set()
    for play in plays:
        campaign = running(play, point, goods.sku_id)
        about = f"play={public_id('campaign', HUBEI, campaign.id)}&point={public_id('point', HUBEI, point.id)}"

        walker.goto(f"{live_server.url}/?page=play&{about}")

        body = walker.locator("main.body[aria-busy=false]")
        expect(body.get_by_text(play.name.en).first).to_be_visible()
        shown = body.inner_text()
        assert not BROKEN.search(shown), f"{play.code}: {shown}"
        assert _tells(shown, play), f"{play.code}: {shown}"
        if not WAITS.search(shown) and _does(walker, play, shown):
            done.add(play.code)
    assert len(plays) >= 95
    assert len(done) >= 40


def _tells(shown: str, play: Definition) -> bool:
    """Whether its terms are there to be read, all that is not filled in, however the lines break."""
    fixed = re.split(r"\{\w+\}", play.terms.en)
    read = re.sub(r"\s+", "", shown).lower()
    return all(re.sub(r"\s+", "", one).lower() in read for one in fixed)


def _does(walker: Page, play: Definition, shown: str) -> bool:
    """Tap what a member can do in it, if there is such a thing, and see that the server takes it."""
    facts = {one.fact for one in play.counts if one.by != "others"}
    if play.participants.reach == "opener":
        _posts(walker, "Open a round", "/runs", ask=True)
    elif tapped := next((text for fact, text in TAPS.items() if fact in facts and _is_tapped(play, fact)), None):
        _posts(walker, "Draw" if _draws(play) else tapped, "/deeds/")
    elif facts & {"answered", "voted"}:
        _tap(walker, "Take part by a form")
        expect(walker.get_by_role("form").first).to_be_visible()
    elif any(one.fact in {"scanned", "walked", "redeemed"} and one.least_fen is None for one in play.counts):
        exchange = walker.get_by_role("button", name=re.compile("^Exchange"))
        expect(walker.get_by_role("form").or_(exchange).first).to_be_visible()
    elif facts == {"paid"}:
        expect(walker.get_by_role("button", name=re.compile("Tap here: Buy on the shelf$"))).to_be_visible()
    else:
        return False
    return True


def _is_tapped(play: Definition, fact: str) -> bool:
    """A game whose points count is played by clients that have it."""
    return fact != "played" or {one.measure for one in play.counts if one.fact == fact} == {"times"}


def _draws(play: Definition) -> bool:
    return isinstance(play.progress, Draw) and play.progress.when == "at_once"


def _tap(walker: Page, text: str) -> None:
    """The text of a kind that the client does not know is tapped as a whole, and ends with what that does."""
    walker.get_by_role("button", name=re.compile(f"Tap here: {text}$")).click()


def _posts(walker: Page, text: str, path: str, *, ask: bool = False) -> None:
    with walker.expect_response(lambda answer: answer.request.method == "POST" and path in answer.url) as told:
        _tap(walker, text)
        if ask:
            walker.get_by_role("alertdialog").get_by_role("button", name=text).click()
    assert told.value.ok, f"{text}: {told.value.text()}"


def _sign_in_a_buyer(walker: Page, phones: Phones, site: str, point: PointView) -> None:
    """A member who has bought here and collects at the point."""
    member = members.member(phone_number=PHONE)
    leaders.choose(member, point)
    ordering.paid_order(member=member, point=point)
    walker.goto(f"{site}/?page=sign_in")
    sign_in(walker, phones)
    expect(walker.get_by_label("Mobile phone")).not_to_be_visible()
