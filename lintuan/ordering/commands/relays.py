"""Relay lists: pasted by the leader, settled, and confirmed line by line by the members; docs/algorithms/relay.md."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db import connection

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import NotFound, TooMany
from lintuan.leaders.queries import open_point, point_now
from lintuan.members.queries import active_member
from lintuan.ordering import rules
from lintuan.ordering.days import Desk
from lintuan.ordering.engine import relays
from lintuan.ordering.engine.relays import DraftLine, DraftState
from lintuan.ordering.errors import (
    RelayConfirmed,
    RelayOver,
    RelayTooLong,
    RelayUnknown,
    RelayUnread,
    RelayUnsettled,
)
from lintuan.ordering.facts import STANDING
from lintuan.ordering.models import Order, RelayDraft, RelayGuess, RelayList
from lintuan.ordering.queries import lines_drafted, relay_goods
from lintuan.ordering.types import BasketWish, OrderRequest, WantedLine
from lintuan.plays.engine.relay import Entry, read_relay
from lintuan.provinces.queries import open_province, province
from lintuan.provinces.types import Terms

from .intake import place_order, require_shopper

#: Names as somebody wrote them are kept until the goods are collected and claimed, and no longer.
KEPT = timedelta(days=7)

_COUNT_TRY = """
INSERT INTO ordering_relayguess AS g (province_id, sale_on, member_id, misses) VALUES (%s, %s, %s, 1)
ON CONFLICT (province_id, sale_on, member_id) DO UPDATE SET misses = g.misses + 1 WHERE g.misses < %s
RETURNING misses
"""
_TAKE_TRY_BACK = """
UPDATE ordering_relayguess SET misses = misses - 1 WHERE province_id = %s AND sale_on = %s AND member_id = %s
"""


@command
def paste_relay(caller: Caller, *, province_id: int, point_id: int, text: str, key: str | None = None) -> int:
    """Read tonight's list of a point as it now stands: new lines become drafts, changed ones change, confirmed ones
    stay, and what is not in it stays too. Answers the list's id.
    """
    desk, sale_on = _leaders_desk(caller, province_id, point_id)
    entries = _entries(text, province_id, sale_on)
    relay, _ = RelayList.objects.select_for_update(no_key=True).get_or_create(
        province_id=province_id, sale_on=sale_on, point_id=point_id, defaults={"pasted_at": desk.now}
    )
    rows = {row.id: row for row in relay.drafts.select_for_update(no_key=True).filter(province_id=province_id)}
    known = [relays.Known(row.id, row.number, row.name, row.fingerprint) for row in rows.values()]
    terms = desk.province.terms
    fresh = []
    for entry, was in relays.match(entries, sorted(known, key=lambda one: one.id)):
        if was is not None:
            _reread(rows[was.id], entry, terms)
        elif not entry.is_gone:
            fresh.append(entry)
    if len(rows) + len(fresh) > relays.MOST_DRAFTS:
        raise RelayTooLong(most=relays.MOST_DRAFTS, letters=relays.MOST_LETTERS)
    codes = _fresh_codes(len(fresh), {row.code for row in rows.values()})
    RelayDraft.objects.bulk_create(
        _written(RelayDraft(province_id=province_id, relay=relay, code=code), entry, terms)
        for entry, code in zip(fresh, codes, strict=True)
    )
    relay.pasted_at = desk.now
    relay.save(update_fields=["pasted_at"])
    return relay.id


@command
def settle_draft(
    caller: Caller, *, province_id: int, draft_id: int, lines: tuple[BasketWish, ...], key: str | None = None
) -> int:
    """Make the lines of a draft these, as its leader understands them; none takes it back."""
    rows = RelayDraft.objects.filter(province_id=province_id, id=draft_id).select_related("relay")
    known = rows.first()
    if known is None or not _is_leaders(caller, province_id, known.relay.point_id):
        raise NotFound(thing="draft")
    desk, sale_on = _leaders_desk(caller, province_id, known.relay.point_id)
    draft = rows.select_for_update(no_key=True, of=("self",)).get()
    if draft.state == DraftState.CONFIRMED:
        raise RelayConfirmed
    if draft.relay.sale_on != sale_on:
        raise RelayOver
    rules.check_wishes(lines, desk.facts(lines, member_id=0))
    _put(draft, [DraftLine(line.offer_id, line.quantity) for line in lines])
    draft.state = (DraftState.READY if lines else DraftState.WITHDRAWN).value
    draft.unread = ""
    draft.save()
    return draft_id


def find_draft(caller: Caller, *, province_id: int, point_id: int, code: str) -> int:
    """The draft of a code in tonight's list of a point.

    No single transaction: a wrong try is counted although it is refused, and after a few the evening is over for
    whoever guesses.
    """
    require_shopper(caller, province_id)
    active_member(province_id, caller.id)
    desk = Desk.of(open_province(province_id))
    if desk.sale_on is None:
        raise desk.too_late()
    whose = (province_id, desk.sale_on, caller.id)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_TRY, [*whose, relays.MOST_MISSES])
        if cursor.fetchone() is None:
            left = desk.at("cutoff", desk.sale_on) - desk.now
            raise TooMany(seconds=max(1, int(left.total_seconds())))
        found = RelayDraft.objects.filter(
            province_id=province_id,
            relay__province_id=province_id,
            relay__sale_on=desk.sale_on,
            relay__point_id=point_id,
            code=relays.read_relay_code(code),
        ).first()
        if found is None:
            raise RelayUnknown(thing="draft")
        cursor.execute(_TAKE_TRY_BACK, whose)
    return found.id


def confirm_draft(
    caller: Caller,
    *,
    province_id: int,
    point_id: int,
    code: str,
    lines: tuple[WantedLine, ...],
    key: str | None = None,
) -> int:
    """Order what stands behind a code, at the prices that were seen, as the caller's own; what cannot be had may be
    left out. Answers the order's id.
    """
    draft_id = find_draft(caller, province_id=province_id, point_id=point_id, code=code)
    return _confirm(caller, province_id=province_id, draft_id=draft_id, lines=lines, key=key)


@command
def lapse_relays(caller: Caller, *, province_id: int, sale_on: date) -> int:
    """End the drafts of a day whose orders are closed that nobody confirmed. Answers how many."""
    caller.require_kind(Kind.SYSTEM)
    waiting = RelayDraft.objects.filter(
        province_id=province_id,
        relay__in=RelayList.objects.filter(province_id=province_id, sale_on=sale_on).values("id"),
        state__in=[state.value for state in relays.WAITING],
    )
    return waiting.update(state=DraftState.LAPSED.value)


@command
def drop_relays(caller: Caller, *, province_id: int) -> int:
    """Delete the lists of days long past, with the names in them. Answers how many lists."""
    caller.require_kind(Kind.SYSTEM)
    first_kept = clock.today(province(province_id).zone) - KEPT
    past = RelayList.objects.filter(province_id=province_id, sale_on__lt=first_kept)
    relay_ids = list(past.values_list("id", flat=True))
    RelayDraft.objects.filter(province_id=province_id, relay_id__in=relay_ids).delete()
    RelayList.objects.filter(province_id=province_id, id__in=relay_ids).delete()
    RelayGuess.objects.filter(province_id=province_id, sale_on__lt=first_kept).delete()
    return len(relay_ids)


def drop_drafts_of(province_id: int, member_id: int) -> None:
    """Delete the lines that a member confirmed, names included."""
    for model in (RelayDraft, RelayGuess):
        model.objects.filter(province_id=province_id, member_id=member_id).delete()


@command
def _confirm(
    caller: Caller, *, province_id: int, draft_id: int, lines: tuple[WantedLine, ...], key: str | None = None
) -> int:
    desk = Desk.of(open_province(province_id))
    if not desk.share_day():
        raise desk.too_late()
    # The draft comes after the sale day and before the shopper, as a basket does.
    rows = RelayDraft.objects.select_for_update(no_key=True, of=("self",)).select_related("relay")
    draft = rows.filter(province_id=province_id, id=draft_id).first()
    if draft is None or draft.relay.sale_on != desk.sale_on:
        raise RelayUnknown(thing="draft")
    _check_confirmable(caller, draft)
    relays.check_within(lines, lines_drafted(draft))
    draft.order_id = place_order(
        caller,
        province_id=province_id,
        request=OrderRequest(draft.relay.point_id, lines),
        # Its own name for the run: whoever sends one key for two drafts confirms both.
        key=f"relay-{draft.id}-{draft.order_id}",
    )
    draft.state, draft.member_id = DraftState.CONFIRMED.value, caller.id
    draft.save()
    return draft.order_id


def _check_confirmable(caller: Caller, draft: RelayDraft) -> None:
    """A ready draft is anybody's who has its code; one whose order no longer stands is its member's again."""
    if draft.state == DraftState.UNSETTLED:
        raise RelayUnsettled
    if draft.state in (DraftState.WITHDRAWN, DraftState.LAPSED):
        raise RelayOver
    if draft.state == DraftState.CONFIRMED:
        its = Order.objects.filter(province_id=draft.province_id, id=draft.order_id, state__in=STANDING)
        if draft.member_id != caller.id or its.exists():
            raise RelayConfirmed


def _leaders_desk(caller: Caller, province_id: int, point_id: int) -> tuple[Desk, date]:
    """Where the leader of an open point deals with tonight's list; the cut-off then waits for this transaction."""
    if not _is_leaders(caller, province_id, point_id):
        raise NotFound(thing="point")
    open_point(province_id, point_id)
    desk = Desk.of(open_province(province_id))
    if desk.sale_on is None or not desk.share_day():
        raise desk.too_late()
    return desk, desk.sale_on


def _is_leaders(caller: Caller, province_id: int, point_id: int) -> bool:
    caller.require_kind(Kind.LEADER)
    return caller.is_leader(province_id, point_now(province_id, point_id).leader_id)


def _entries(text: str, province_id: int, sale_on: date) -> Sequence[Entry]:
    if len(text) > relays.MOST_LETTERS:
        raise RelayTooLong(most=relays.MOST_DRAFTS, letters=relays.MOST_LETTERS)
    entries = read_relay(relays.without_our_words(text), [one.good for one in relay_goods(province_id, sale_on)])
    if not entries:
        raise RelayUnread(reason="text")
    return entries


def _reread(row: RelayDraft, entry: Entry, terms: Terms) -> None:
    """A line that came again: one that reads as before stays as it was settled, a confirmed one as it was ordered."""
    is_same, is_confirmed = row.fingerprint == relays.read_marks(entry), row.state == DraftState.CONFIRMED
    if is_same and row.number == entry.number and not row.differs:
        return
    row.number = entry.number
    if is_confirmed:
        row.differs = not is_same
    elif not is_same:
        _written(row, entry, terms)
    row.save()


def _written(row: RelayDraft, entry: Entry, terms: Terms) -> RelayDraft:
    lines = relays.lines_of(entry, most_lines=terms.most_lines, most_units=terms.most_units_per_line)
    row.number, row.name = entry.number, entry.name[: relays.LONGEST_NAME]
    row.unread = entry.unread[: relays.LONGEST_UNREAD]
    row.state, row.fingerprint = relays.state_of(entry, lines).value, relays.read_marks(entry)
    _put(row, lines)
    return row


def _put(row: RelayDraft, lines: Iterable[DraftLine]) -> None:
    known = list(lines)
    row.offers = [line.offer_id for line in known]
    row.quantities = [line.quantity for line in known]
    row.sure = [line.is_sure for line in known]


def _fresh_codes(count: int, taken: set[str]) -> list[str]:
    """So many that no other line of the list has; pastes of one list queue, so nobody takes them meanwhile."""
    codes: list[str] = []
    while len(codes) < count:
        code = relays.relay_code(secrets.randbelow)
        if code not in taken:
            taken.add(code)
            codes.append(code)
    return codes
