"""The client built before there were plays shows every play that may start: by component or by its text form."""

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
from lintuan.plays.engine.rewards import Goods
from lintuan.plays.types import CampaignView, Content, Question
from lintuan.sharing.queries import channel_policy
from lintuan.sharing.types import Channel
from tests.browser import Window
from tests.make import campaigns, fulfilment, leaders, pricing
from tests.make.ordering import EVENING
from tests.make.phones import Phones
from tests.make.provinces import HUBEI

from .test_frozen import FROZEN, install, phones

__all__ = ["phones"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OLDEST = FROZEN[0]
PRICES = Prices(goods=(GoodsPrice(goods="土豆", day=Money(599), cost=Money(250)),))
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


def test_a_client_from_before_plays_shows_every_play_that_may_start(
    walker: Page, live_server: LiveServer, point: PointView
) -> None:
    goods = pricing.offer(599)
    plays = may_start()
    for play in plays:
        campaign = running(play, point, goods.sku_id)
        about = f"play={public_id('campaign', HUBEI, campaign.id)}&point={public_id('point', HUBEI, point.id)}"

        walker.goto(f"{live_server.url}/?page=play&{about}")

        body = walker.locator("main.body[aria-busy=false]")
        expect(body.get_by_text(play.name.en).first).to_be_visible()
        shown = body.inner_text()
        assert not BROKEN.search(shown), f"{play.code}: {shown}"
        assert _tells(shown, play), f"{play.code}: {shown}"
    assert len(plays) >= 95


def _tells(shown: str, play: Definition) -> bool:
    """Whether its terms are there to be read, however the lines break."""
    return re.sub(r"\s+", "", play.terms.en[:40]) in re.sub(r"\s+", "", shown)
