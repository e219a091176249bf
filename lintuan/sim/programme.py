"""What staff and leaders of the demo let be played: which of the shipped plays, about which goods, for how long."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .city import PROVINCE, City
from .phone import Phone, Refused

#: Leaders who start plays: the first starts all, as the welcome names their phone; the others every fourth.
LEADERS, EVERY = 6, 4


#: What the cards of a set stand for.
CARDS = {
    "pak-choi": "VEG002-1",
    "spinach": "VEG008-1",
    "lettuce": "VEG012-1",
    "cabbage": "VEG006-1",
    "celery": "VEG023-1",
    "leek": "VEG021-1",
    "coriander": "VEG018-1",
    "tomato": "VEG056-1",
    "cucumber": "VEG058-1",
    "aubergine": "VEG060-1",
    "pepper": "VEG064-1",
    "pumpkin": "VEG069-1",
    "wax-gourd": "VEG068-1",
    "bean": "VEG073-1",
    "pea": "VEG076-1",
    "carrot": "VEG049-1",
    "radish": "VEG048-1",
    "potato": "VEG040-1",
    "lotus-root": "VEG032-1",
    "taro": "VEG046-1",
    "yam": "VEG045-1",
    "onion": "VEG051-1",
    "mushroom": "VEG082-1",
    "bean-sprout": "VEG080-1",
}


@dataclass(frozen=True, slots=True)
class Started:
    """A shipped play by its code, the SKUs that it is about and that its names of goods stand for."""

    code: str
    about: tuple[str, ...] = ()
    goods: Mapping[str, str] = field(default_factory=dict)
    days: int = 14


OF_THE_CITY = (
    Started("lucky-wheel", goods={"eggs-6": "POU014-1"}),
    Started("free-ticket-draw", goods={"rice-2500g": "STA001-2", "eggs-10": "POU014-1"}),
    Started("scratch-card", goods={"spring-onions": "VEG019-1"}),
    Started("healthy-week", goods=CARDS),
    Started("daily-check-in"),
    Started("coin-catch"),
)
OF_LEADERS = (
    Started("neighbours-group", about=("POU008-1",)),
    Started("falling-price", about=("DEL008-1",)),
    Started("haggle", about=("POU016-1",)),
    Started("order-packets"),
    Started("wish-list", about=("FRU003-1", "FRU006-1", "FRU016-1", "FRU022-1"), days=2),
    Started("last-hour-rush"),
    Started("early-bird"),
    Started("point-garden"),
    Started("buyers-board"),
)


class NotOnTheShelf(Exception):
    """Goods of a play are not sold tonight."""

    code = "not_on_the_shelf"


@dataclass(slots=True)
class Plays:
    """What was started, what neighbours did in it, and what the site refused, by code."""

    started: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Opening:
    """What a start needs to know: the first day of it, and tonight's offers by SKU."""

    first: datetime
    offers: Mapping[str, Mapping[str, Any]]
    result: Plays


async def begin(staff: Phone, city: City, points: Mapping[str, str], first: datetime, result: Plays) -> None:
    """Start what does not run yet, staff in the whole province, leaders at points of their own."""
    point = points[city.points[0]["code"]]
    opening = Opening(first, await offers_at(staff, point), result)
    await _begin_at(staff, opening, OF_THE_CITY, point, {"province_id": PROVINCE})
    await asyncio.gather(*(_lead(staff, row, points[row["code"]], at, opening) for at, row in leaders_of(city)))


def leaders_of(city: City) -> list[tuple[int, Mapping[str, str]]]:
    """The points whose leaders start plays, each with its place."""
    return list(enumerate(city.points[:LEADERS]))


async def offers_at(phone: Phone, point: str) -> dict[str, Mapping[str, Any]]:
    """Tonight's offers by SKU."""
    shelf = await phone.get(f"/points/{point}/shelf")
    return {offer["sku_code"]: offer for offer in shelf["offers"]}


async def plays_at(phone: Phone, point: str) -> dict[str, str]:
    """Ids of what runs at a point, by code."""
    found = await phone.get(f"/points/{point}/plays")
    return {one["code"]: one["id"] for one in found["plays"]}


def wanted_of(place: int) -> list[Started]:
    """What the leader of the point at a place starts."""
    return [one for at, one in enumerate(OF_LEADERS) if place == 0 or (at - place) % EVERY == 0]


async def _lead(staff: Phone, row: Mapping[str, str], point: str, place: int, opening: Opening) -> None:
    leader = Phone(staff.network, row["leader_phone"])
    await leader.sign_in("leader", PROVINCE)
    await _begin_at(leader, opening, wanted_of(place), point, {"point": point})


async def _begin_at(
    phone: Phone, opening: Opening, wanted: Iterable[Started], point: str, where: Mapping[str, Any]
) -> None:
    path = "/leader/plays" if "point" in where else "/plays"
    running = await plays_at(phone, point)
    for one in wanted:
        if one.code in running:
            continue
        try:
            await phone.post(f"{path}/{one.code}/start", {**where, **_plan(one, opening)})
            opening.result.started[one.code] += 1
        except (Refused, NotOnTheShelf) as refused:
            opening.result.refused[f"{one.code}: {refused.code}"] += 1


def _plan(one: Started, opening: Opening) -> dict[str, Any]:
    """A play about goods that are not to be had is not started: about none it would be about all."""
    if not {*one.about, *one.goods.values()} <= opening.offers.keys():
        raise NotOnTheShelf
    return {
        "about": [opening.offers[sku]["id"] for sku in one.about],
        "goods": {name: opening.offers[sku]["id"] for name, sku in one.goods.items()},
        "until": (opening.first + timedelta(days=one.days)).isoformat(),
    }
