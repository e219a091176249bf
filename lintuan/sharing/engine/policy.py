"""What a channel may show on a day: the strictest of the rows that hold decides (docs/algorithms/channels.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from msgspec import Struct

from lintuan.sharing.types import Channel, Form, Mechanic, Named, Row, Ruling, Stance, Wording

_SEVERITY = {stance: at for at, stance in enumerate((Stance.ALLOWED, Stance.TRIED, Stance.BANNED))}


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """All rows, past and present, and the names of the channels."""

    channels: tuple[Named, ...]
    rows: tuple[Row, ...]

    def name_of(self, channel: Channel) -> Wording:
        """What people call it; its code where the data has no name."""
        return next((one.name for one in self.channels if one.code is channel), Wording(zh=channel, en=channel))


def ruling(policy: Policy, channel: Channel, form: Form, *, on: date, mechanics: Collection[Mechanic] = ()) -> Ruling:
    """What the channel says of that form, carrying those mechanics, on that day.

    A row about mechanics can only make it stricter: a form that no row lets in stays out.
    """
    holding = [row for row in policy.rows if row.holds(on) and channel in row.channels and _is_of(row, form)]
    general = [row for row in holding if not row.mechanics]
    if not general:
        return Ruling(channel, form, Stance.UNKNOWN)
    about = [row for row in holding if not row.mechanics or set(row.mechanics) & set(mechanics)]
    strictest = max((row.stance for row in about), key=_SEVERITY.__getitem__)
    return Ruling(channel, form, strictest, tuple(row for row in about if row.stance is strictest))


def showing(policy: Policy, channel: Channel, *, on: date, mechanics: Collection[Mechanic] = ()) -> tuple[Ruling, ...]:
    """What the channel says of every form, the richest first."""
    return tuple(ruling(policy, channel, form, on=on, mechanics=mechanics) for form in Form)


def ladder(
    policy: Policy, channel: Channel, forms: Iterable[Form], *, on: date, mechanics: Collection[Mechanic] = ()
) -> tuple[Ruling, ...]:
    """Those of the forms that may be shown, the richest first: whatever is stopped, the next one is tried."""
    wanted = set(forms)
    found = showing(policy, channel, on=on, mechanics=mechanics)
    return tuple(one for one in found if one.form in wanted and one.stance.is_open)


def richest(
    policy: Policy, channel: Channel, forms: Iterable[Form], *, on: date, mechanics: Collection[Mechanic] = ()
) -> Ruling | None:
    """The richest form that may be shown, none where nothing may."""
    return next(iter(ladder(policy, channel, forms, on=on, mechanics=mechanics)), None)


def _is_of(row: Row, form: Form) -> bool:
    return not row.forms or form in row.forms
