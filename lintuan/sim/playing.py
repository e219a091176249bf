"""Neighbours in plays: they check in, catch coins, open packets, vote, haggle, fill groups and buy as prices fall."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .city import PROVINCE, City
from .desk import LOOK_EVERY, NightStuck
from .evening import Shopper
from .phone import Network, Phone, Refused
from .programme import OF_LEADERS, Plays, leaders_of, offers_at, plays_at

#: Neighbours who take part at each point whose leader started plays, and all over the city; the simulator's own choice.
PLAYERS, CROWD = 6, 24
#: Who opens packets (of 5), and who joins a group of three: enough at the first point alone.
OPENERS, JOINERS, TOO_FEW = 4, 4, 2
#: In thousandths of tonight's price, one after the other.
BIDS = (890, 940, 1000)
COINS = (20, 70)
AT_ONCE = 10
PATIENCE = 60.0
API = "/api/v1"
ABOUT = {one.code: one.about for one in OF_LEADERS}


@dataclass(slots=True)
class Corner:
    """A point whose leader started plays, and the neighbours who take part there."""

    place: int
    point: str
    players: Sequence[Shopper]
    draw: random.Random
    plays: Mapping[str, str] = field(default_factory=dict)
    group: str = ""


@dataclass(slots=True)
class Company:
    """Everybody who plays: at these corners, and `people` in what runs everywhere."""

    corners: Sequence[Corner]
    people: Sequence[Shopper]
    result: Plays

    @property
    def players(self) -> list[Shopper]:
        return [one for corner in self.corners for one in corner.players]

    @property
    def everywhere(self) -> Mapping[str, str]:
        return self.corners[0].plays if self.corners else {}


async def meet(
    network: Network, city: City, points: Mapping[str, str], shoppers: list[Shopper], *, seed: int, result: Plays
) -> Company:
    """Who takes part: those who shopped there first; who did not shop yet signs in and is one more shopper."""
    known = {one.neighbour.phone: one for one in shoppers}
    corners = []
    for place, row in leaders_of(city):
        homes = [one for one in city.neighbours if one.point == row["code"]]
        chosen = sorted(homes, key=lambda one: (one.phone not in known, one.phone))[:PLAYERS]
        players = [
            known.get(one.phone) or Shopper(one, Phone(network, one.phone), _draw(seed, one.phone)) for one in chosen
        ]
        if len(players) == PLAYERS:
            corners.append(Corner(place, points[row["code"]], players, _draw(seed, row["code"])))
    players_by_phone = {one.neighbour.phone: one for corner in corners for one in corner.players}
    new = [one for phone, one in players_by_phone.items() if phone not in known]
    await asyncio.gather(*(one.phone.sign_in("member", PROVINCE) for one in new))
    others = [known[phone] for phone in sorted(known.keys() - players_by_phone.keys())]
    chosen_others = _draw(seed, "crowd").sample(others, min(CROWD, len(others)))
    shoppers += new
    return Company(corners, [*players_by_phone.values(), *chosen_others], result)


def _draw(seed: int, name: str) -> random.Random:
    return random.Random(f"{seed}:{name}")


async def an_evening(company: Company, *, is_last: bool = False) -> None:
    """What plays in an evening; on the last one every group waits for one more neighbour."""
    for corner in company.corners:
        corner.plays, corner.group = await plays_at(corner.players[0].phone, corner.point), ""
    people = company.players if is_last else company.people
    await _a_few_at_once(_checks_in(one, company) for one in people)
    await asyncio.gather(*(_at_a_corner(corner, company, is_last=is_last) for corner in company.corners))


async def a_morning(company: Company) -> None:
    """Before eight: check-ins, and drops for the gardens."""
    result = company.result
    await _a_few_at_once(_do(one, company.everywhere, "daily-check-in", "check-in", result) for one in company.people)
    await asyncio.gather(*(_rises_early(corner, result) for corner in company.corners))


async def _a_few_at_once(doings: Iterable[Awaitable[object]]) -> None:
    """What all do in one round waits for its row: more at once would only fill the site's line."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(doing: Awaitable[object]) -> None:
        async with gate:
            await doing

    await asyncio.gather(*(one(doing) for doing in doings))


async def _checks_in(one: Shopper, company: Company) -> None:
    plays, result = company.everywhere, company.result
    await _do(one, plays, "daily-check-in", "check-in", result)
    await _do(one, plays, "free-ticket-draw", "check-in", result)


async def _rises_early(corner: Corner, result: Plays) -> None:
    for one in corner.players:
        await _do(one, corner.plays, "early-bird", "check-in", result)
        await _do(one, corner.plays, "point-garden", "water", result)


async def _at_a_corner(corner: Corner, company: Company, *, is_last: bool) -> None:
    result = company.result
    await _fills_a_group(corner, result, TOO_FEW if is_last or corner.place else JOINERS)
    for one in corner.players[:OPENERS]:
        await _do(one, corner.plays, "order-packets", "join", result)
    for one in corner.players:
        await _do(one, corner.plays, "coin-catch", "play", result, points=corner.draw.randint(*COINS))
        await _do(one, corner.plays, "point-garden", "water", result)
        await _votes(one, corner, result)
    await _haggles(corner.players[-1], corner, result)


async def _do(
    one: Shopper, plays: Mapping[str, str], code: str, deed: str, result: Plays, **wish: Any
) -> Mapping[str, Any]:
    """One deed in a play; where it does not run, or is refused, nothing."""
    if code not in plays:
        return {}
    return await _tell(one, code, f"/plays/{plays[code]}/deeds/{deed}", wish, result)


async def _tell(one: Shopper, code: str, path: str, wish: Mapping[str, Any], result: Plays) -> Mapping[str, Any]:
    try:
        answer: Mapping[str, Any] = await one.phone.post(path, dict(wish))
    except Refused as refused:
        result.refused[f"{code}: {refused.code}"] += 1
        return {}
    result.done[code] += 1
    return answer


async def _votes(one: Shopper, corner: Corner, result: Plays) -> None:
    """For an entry on the page, by the page's own action."""
    if "wish-list" not in corner.plays:
        return
    page = await one.phone.get(f"/pages/play?play={corner.plays['wish-list']}&point={corner.point}")
    entries = next(node["entries"] for node in page["body"] if node["kind"] == "play_vote")
    acts = [entry["act"] for entry in entries if entry.get("act")]
    if acts:
        act = corner.draw.choice(acts)
        await _tell(one, "wish-list", act["path"].removeprefix(API), act["body"], result)


async def _haggles(one: Shopper, corner: Corner, result: Plays) -> None:
    """Offers more until the answer is yes."""
    if "haggle" not in corner.plays:
        return
    opened = await _tell(one, "haggle", f"/plays/{corner.plays['haggle']}/runs", {}, result)
    if not opened:
        return
    price = (await _offer(corner, "haggle"))["price_fen"]
    for bid in BIDS:
        answer = await _do(one, corner.plays, "haggle", "offer", result, run=opened["run"], fen=price * bid // 1000)
        if answer.get("tone") == "good":
            return


async def _fills_a_group(corner: Corner, result: Plays, people: int) -> None:
    """One opens it, everybody orders with a seat in it; with three of them it fills."""
    if "neighbours-group" not in corner.plays:
        return
    path = f"/plays/{corner.plays['neighbours-group']}/runs"
    corner.group = (await _tell(corner.players[0], "neighbours-group", path, {}, result)).get("run", "")
    for one in corner.players[:people] if corner.group else ():
        await _buys(one, corner, "neighbours-group", result, run=corner.group)


async def buy(company: Company, code: str, *, people: int) -> None:
    """So many at each point where it runs order what that play is about, at the price that they are told."""
    await asyncio.gather(
        *(
            _buys(one, corner, code, company.result)
            for corner in company.corners
            if code in corner.plays
            for one in corner.players[-people:]
        )
    )


async def _buys(one: Shopper, corner: Corner, code: str, result: Plays, **seat: str) -> None:
    offer = await _offer(corner, code)
    line = {"offer": offer["id"], "quantity": 1}
    try:
        quote = await one.phone.post("/quotes", {"point": corner.point, "lines": [line]})
        wish = {
            "point": corner.point,
            "lines": [{**line, "price_fen": quote["lines"][0]["price_fen"]}],
            "saved_fen": quote["saved_fen"],
            **seat,
        }
        order = await one.phone.post("/orders", wish)
        one.orders.append(order["id"])
        sheet = await one.phone.post(f"/orders/{order['id']}/pay")
    except Refused as refused:
        result.refused[f"{code}: {refused.code}"] += 1
        return
    await one.phone.pay(sheet["parameters"])
    one.paid_fen += order["to_pay_fen"]
    result.orders += 1
    result.done[code] += 1


async def _offer(corner: Corner, code: str) -> Mapping[str, Any]:
    """What the play is about; of one about everything the dearest thing that is left."""
    offers = await offers_at(corner.players[0].phone, corner.point)
    if ABOUT[code]:
        return offers[ABOUT[code][0]]
    return max((one for one in offers.values() if one["left"]), key=lambda one: int(one["price_fen"]))


async def await_ends(company: Company) -> None:
    """Until the groups of the evening are over, filled or paid back."""
    began = time.monotonic()
    for corner in company.corners:
        state = await _state(corner)
        while state == "open":
            if time.monotonic() - began > PATIENCE:
                raise NightStuck(f"waited for the end of the group {corner.group}")
            await asyncio.sleep(LOOK_EVERY)
            state = await _state(corner)
        if state:
            company.result.groups[state] += 1


async def _state(corner: Corner) -> str:
    """Of the group there; empty where none was opened."""
    return str((await corner.players[0].phone.get(f"/runs/{corner.group}"))["state"]) if corner.group else ""
