"""Claims as their member and as staff see them."""

from __future__ import annotations

from collections.abc import Iterable

from lintuan.fulfilment.models import Claim, Photo
from lintuan.fulfilment.types import ClaimCause, ClaimFault, ClaimState, ClaimView
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import NotFound

from .photos import keys_of

MOST_CLAIMS = 100
RIGHT = "fulfilment.decide_claims"


def claims_of_member(caller: Caller, *, most: int | None = MOST_CLAIMS) -> tuple[ClaimView, ...]:
    """The calling member's latest claims, the newest first; all of them with None."""
    caller.require_kind(Kind.MEMBER)
    rows = Claim.objects.filter(province_id=caller.province_id, member_id=caller.id)
    return _views(rows.order_by("-opened_at", "-id")[:most])


def claims(caller: Caller, *, province_id: int, state: ClaimState = ClaimState.OPEN) -> tuple[ClaimView, ...]:
    """The oldest claims in a state, for staff who decide them."""
    caller.require(RIGHT, province_id)
    rows = Claim.objects.filter(province_id=province_id, state=state.value)
    return _views(rows.order_by("opened_at", "id")[:MOST_CLAIMS])


def contested_orders(province_id: int) -> tuple[int, ...]:
    """The orders of which a claim is open, by id."""
    rows = Claim.objects.filter(province_id=province_id, state=ClaimState.OPEN.value).order_by("order_id")
    return tuple(rows.values_list("order_id", flat=True).distinct())


def claim(caller: Caller, *, province_id: int, claim_id: int) -> ClaimView:
    """One claim, for its member or staff who decide claims; to others it does not exist."""
    row = Claim.objects.filter(province_id=province_id, id=claim_id).first()
    if row is None or not (caller.is_member(province_id, row.member_id) or caller.may(RIGHT, province_id)):
        raise NotFound(thing="claim")
    return _views([row])[0]


def _views(found: Iterable[Claim]) -> tuple[ClaimView, ...]:
    rows = list(found)
    photos = keys_of(Photo.objects.filter(province_id=rows[0].province_id), "claim_id", rows) if rows else {}
    return tuple(_view(row, photos.get(row.id, ())) for row in rows)


def _view(row: Claim, photos: tuple[str, ...]) -> ClaimView:
    return ClaimView(
        id=row.id, province_id=row.province_id, order_id=row.order_id, line_id=row.line_id, sku_id=row.sku_id,
        member_id=row.member_id, sale_on=row.sale_on, cause=ClaimCause(row.cause), fault=ClaimFault(row.fault),
        quantity=row.quantity, note=row.note, photos=photos, proposed=row.proposed, amount=row.amount,
        paid_back=row.amount if row.paid_back is None else row.paid_back, state=ClaimState(row.state),
        reason=row.reason, opened_at=row.opened_at, decided_at=row.decided_at,
    )  # fmt: skip
