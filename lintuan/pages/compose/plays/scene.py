"""One play for one reader: what its page is made from, read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from lintuan.catalog import queries as catalog
from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import public_id
from lintuan.leaders import queries as leaders
from lintuan.members.queries import mask_name, members
from lintuan.ordering.queries import has_bought
from lintuan.pages.compose import place
from lintuan.pages.compose.asking import Asking
from lintuan.plays import queries
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.facts import Fact, Person, Tally
from lintuan.plays.engine.values import Text
from lintuan.plays.types import CampaignState, CampaignView, GrantView, RunState, RunView
from lintuan.provinces.queries import province

#: Names and places that are shown; all are counted.
MOST_SHOWN = 10


@dataclass(frozen=True)
class Scene:
    """A campaign, the round of it that is looked at, and the reader's own part in that."""

    asking: Asking
    campaign: CampaignView
    run: RunView | None
    point_id: int
    #: The neighbour whose link the reader came by, as the link names them.
    neighbour: str = ""

    @property
    def play(self) -> Definition:
        return self.campaign.definition

    @property
    def id(self) -> str:
        return public_id("campaign", self.campaign.province_id, self.campaign.id)

    @property
    def run_id(self) -> str:
        """Empty where there is no round yet."""
        return public_id("run", self.campaign.province_id, self.run.id) if self.run else ""

    @property
    def is_mine(self) -> bool:
        """Whether a member of this province reads it."""
        return self.asking.is_member and self.asking.caller.province_id == self.campaign.province_id

    @cached_property
    def has_point(self) -> bool:
        """Whether the reader's deeds have a place: they are heard where one collects, not where one looks."""
        return bool(self.point_id) and place.own(self.asking) is not None

    @property
    def is_opener(self) -> bool:
        return self.is_mine and self.run is not None and self.run.opener_id == self.asking.caller.id

    @cached_property
    def zone(self) -> str:
        return province(self.campaign.province_id).zone

    @property
    def today(self) -> int:
        """The local day as the interpreter counts them."""
        return self.asking.now.astimezone(ZoneInfo(self.zone)).toordinal()

    @property
    def minute(self) -> int:
        """Of the local day."""
        local = self.asking.now.astimezone(ZoneInfo(self.zone))
        return local.hour * 60 + local.minute

    @cached_property
    def times(self) -> tuple[datetime, datetime | None] | None:
        """From when until when the round at the reader's point goes on; None between two."""
        return queries.times_of(self.campaign, self.point_id)

    @property
    def is_on(self) -> bool:
        """Whether something could count now: a round that was opened, or one whose hour it is."""
        return self.run is not None or self.play.participants.reach == "opener" or self.times is not None

    @property
    def ends_at(self) -> datetime | None:
        if self.run or self.play.participants.reach == "opener" or self.times is None:
            return self.run.ends_at if self.run else self.campaign.ends_at
        return self.times[1]

    @property
    def is_over(self) -> bool:
        """Whether nothing counts any more."""
        one, now = self.campaign, self.asking.now
        if one.state is CampaignState.STOPPED or (one.ends_at is not None and one.ends_at <= now):
            return True
        if self.run is None:
            return False
        return self.run.state is not RunState.OPEN or (self.run.ends_at is not None and self.run.ends_at <= now)

    @cached_property
    def unit(self) -> int:
        """Whose count the reader's deeds are in; 0: nobody's."""
        if not self.is_mine:
            return 0
        return queries.unit_of_member(self.campaign, self.asking.caller.id, self.point_id)

    @cached_property
    def own(self) -> Tally:
        if not (self.run and self.unit):
            return Tally(self.unit)
        return queries.standing(self.campaign.province_id, self.run.id, self.unit)

    @cached_property
    def persons(self) -> Sequence[Person]:
        """What the reader counted themselves, for each unit."""
        if not (self.run and self.is_mine):
            return ()
        return queries.persons_of_member(self.campaign.province_id, self.run.id, self.asking.caller.id)

    @cached_property
    def log(self) -> Sequence[Fact]:
        """What the reader did in this round."""
        if not (self.run and self.is_mine):
            return ()
        return queries.log_of_member(self.campaign.province_id, self.run.id, self.asking.caller.id)

    @cached_property
    def has_bought(self) -> bool:
        return self.is_mine and has_bought(self.campaign.province_id, self.asking.caller.id)

    @cached_property
    def leading(self) -> Sequence[Tally]:
        """The units that count most."""
        if self.run is None:
            return ()
        return queries.leading(self.campaign.province_id, self.run.id, limit=MOST_SHOWN)

    @cached_property
    def grants(self) -> Sequence[GrantView]:
        """What the reader was given in this round, the newest first."""
        if not (self.run and self.is_mine):
            return ()
        return [one for one in queries.grants_of_member(self.asking.caller) if one.run_id == self.run.id]

    @cached_property
    def day_fen(self) -> int | None:
        """What the one thing that it is about costs tonight."""
        found = queries.day_price(self.campaign)
        return found.fen if found else None

    @cached_property
    def goods_called(self) -> Text | None:
        """What it is about, where that is one thing."""
        if len(self.campaign.sku_ids) != 1:
            return None
        found = catalog.skus(self.campaign.sku_ids)
        return next((Text(zh=sku.name_in("zh-hans"), en=sku.name_in("en")) for sku in found.values()), None)

    @cached_property
    def leader_name(self) -> str:
        leader_id = self.campaign.leader_id
        if not leader_id and self.point_id:
            leader_id = leaders.point(self.campaign.province_id, self.point_id).leader_id
        return leaders.leader(self.campaign.province_id, leader_id).name if leader_id else ""

    def entries(self) -> Sequence[tuple[int, str]]:
        """What can be voted for or guessed, by number."""
        if self.campaign.content.entries:
            return self.campaign.content.entries
        found = catalog.skus(self.campaign.sku_ids)
        return [(sku_id, sku.name_in(self.asking.language)) for sku_id, sku in sorted(found.items())]

    def masked(self, ids: Sequence[int]) -> dict[int, str]:
        found = members(self.campaign.province_id, set(ids))
        return {member_id: mask_name(view.name) for member_id, view in found.items()}

    def names(self, units: Sequence[int]) -> Mapping[int, str]:
        """What units are called: neighbours and households masked, buildings and teams by what they call themselves."""
        of_province = self.campaign.province_id
        match self.play.participants.unit:
            case "building" | "team":
                return queries.sides(of_province, self.campaign.id, units)
            case "point":
                views = {view.id: view for view in leaders.points(of_province) if view.id in units}
                return {unit: place.point_name(view, self.asking.language) for unit, view in views.items()}
            case "leader":
                return {unit: mask_name(leaders.leader(of_province, unit).name) for unit in units}
            case "entry":
                return dict(self.entries())
            case _:
                return self.masked(units)


def scene(asking: Asking, campaign: CampaignView, run: RunView | None = None) -> Scene:
    """A campaign with the round that is named, else the one that goes on where the reader is."""
    found = place.here(asking)
    in_province = found is not None and found.province.id == campaign.province_id
    point_id = found.point.id if found and in_province else 0
    return Scene(asking, campaign, run or queries.present_run(campaign, point_id), point_id, asking.get("by"))


def campaign_of(province_id: int, campaign_id: int) -> CampaignView:
    """A campaign in any state; NotFound for one that there is not."""
    try:
        return queries.campaign(province_id, campaign_id)
    except NotFound:
        raise NotFound(thing="campaign") from None
