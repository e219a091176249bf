"""What the shipped policy says of channels."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import cache
from pathlib import Path

from .engine import policy
from .engine.policy import Policy
from .engine.reading import read_policy
from .types import Channel, Form, Mechanic, Ruling

HOME = Path(__file__).parent / "data" / "channels.toml"


@cache
def channel_policy() -> Policy:
    """The shipped rows, read once by each process."""
    return read_policy(HOME.read_bytes())


def may_show(channel: Channel, form: Form, *, on: date, mechanics: Collection[Mechanic] = ()) -> Ruling:
    """What the channel says of a form that carries those mechanics."""
    return policy.ruling(channel_policy(), channel, form, on=on, mechanics=mechanics)


def forms_for(
    channel: Channel, forms: Iterable[Form], *, on: date, mechanics: Collection[Mechanic] = ()
) -> tuple[Ruling, ...]:
    """Those of the forms that may be shown there, the richest first; empty where nothing may."""
    return policy.ladder(channel_policy(), channel, forms, on=on, mechanics=mechanics)
