from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value

from lintuan.kernel.fields import MoneyField
from lintuan.kernel.money import ZERO
from lintuan.kernel.shard import ShardFK, ShardModel

from .bill import Bill
from .engine.relays import CODE_LENGTH, LONGEST_NAME, LONGEST_UNREAD, DraftState
from .types import BasketState, State

STATES = [(state.value, state.value) for state in State]
BASKET_STATES = [state.value for state in BasketState]
DRAFT_STATES = [state.value for state in DraftState]


class SaleDay(ShardModel):
    """One local day of orders; every order is placed under a share of its lock, and cut-off takes it whole."""

    class Phase(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    sale_on = models.DateField()
    state = models.CharField(max_length=8, choices=Phase.choices, default=Phase.OPEN)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "sale_on"], name="ordering_saleday_once"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | Q(state="closed", closed_at__isnull=False),
                name="ordering_saleday_state",
            ),
        ]


class Shopper(ShardModel):
    """A member on one sale day: the row that their parallel orders queue at, so that none passes a daily limit.

    `placed` counts what was begun, `orders` are the ids it was begun under; some of those may never have come to be.
    """

    member_id = models.BigIntegerField()
    sale_on = models.DateField()
    placed = models.IntegerField()
    orders = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "sale_on", "member_id"], name="ordering_shopper_once")
        ]


class Order(ShardModel):
    """What a member bought on one sale day for one pickup point; `amount` stays the value of its goods.

    Of it plays pay `saved`; the part of that which was given after the payment is `saved_later`.
    """

    number = models.CharField(max_length=12)
    member_id = models.BigIntegerField()
    point_id = models.BigIntegerField()
    sale_on = models.DateField()
    collect_on = models.DateField()
    state = models.CharField(max_length=10, choices=STATES, default=State.UNPAID.value)
    amount = MoneyField()
    refunded = MoneyField()
    saved = MoneyField(default=ZERO, db_default=Value(0))
    saved_later = MoneyField(default=ZERO, db_default=Value(0))
    charge_id = models.BigIntegerField(default=0)
    basket_id = models.BigIntegerField(default=0, db_default=0)
    run_id = models.BigIntegerField(default=0, db_default=0)
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    pay_by = models.DateTimeField()
    key_hash = models.BigIntegerField()
    content_hash = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["province_id", "sale_on", "point_id"], name="ordering_order_of_point"),
            models.Index(fields=["province_id", "pay_by"], condition=Q(state="unpaid"), name="ordering_order_unpaid"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "sale_on", "number"], name="ordering_order_number"),
            models.UniqueConstraint(fields=["province_id", "member_id", "key_hash"], name="ordering_order_key"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]), name="ordering_order_state"
            ),
            models.CheckConstraint(condition=Q(refunded__gte=0, refunded__lte=F("amount")), name="ordering_order_net"),
            models.CheckConstraint(
                condition=Q(saved_later__gte=0, saved_later__lte=F("saved"), saved__lte=F("amount")),
                name="ordering_order_saved",
            ),
            models.CheckConstraint(
                condition=Q(paid_at=None, state__in=["unpaid", "expired", "cancelled"], refunded=0)
                | Q(paid_at__isnull=False, state__in=["paid", "collected", "unclaimed"])
                | Q(paid_at__isnull=False, state__in=["cancelled", "refunded"], refunded=F("amount")),
                name="ordering_order_paid",
            ),
        ]

    @property
    def bill(self) -> Bill:
        return Bill(self.amount, self.refunded, self.saved, self.saved_later)


class OrderLine(ShardModel):
    """Units of one offer in an order; `cut` of them are not delivered, `given_up` of those by the member's own wish."""

    order = ShardFK("Order", on_delete=models.PROTECT, related_name="lines", db_index=False)
    offer_id = models.BigIntegerField()
    sku_id = models.BigIntegerField()
    quantity = models.IntegerField()
    cut = models.IntegerField(default=0)
    given_up = models.IntegerField(default=0)
    price = MoneyField()
    amount = MoneyField()
    refunded = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "order", "offer_id"], name="ordering_line_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="ordering_line_quantity"),
            models.CheckConstraint(
                condition=Q(given_up__gte=0, given_up__lte=F("cut"), cut__lte=F("quantity")), name="ordering_line_cut"
            ),
            models.CheckConstraint(condition=Q(amount=F("price") * F("quantity")), name="ordering_line_amount"),
            models.CheckConstraint(
                condition=Q(refunded__gte=F("price") * F("cut"), refunded__lte=F("amount")),
                name="ordering_line_refunded",
            ),
        ]


class Basket(ShardModel):
    """What neighbours of one pickup point fill together for one sale day; the row that changes and orders queue at."""

    point_id = models.BigIntegerField()
    sale_on = models.DateField()
    opened_by = models.BigIntegerField()
    opened_at = models.DateTimeField()
    code = models.CharField(max_length=8)
    state = models.CharField(
        max_length=6, choices=[(state, state) for state in BASKET_STATES], default=BasketState.OPEN.value
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "sale_on", "code"], name="ordering_basket_code"),
            models.CheckConstraint(condition=Q(state__in=BASKET_STATES), name="ordering_basket_state"),
        ]


class BasketMember(ShardModel):
    """Who fills a basket, at most one on a sale day; `is_joint` lets the others collect their goods."""

    basket = ShardFK("Basket", on_delete=models.CASCADE, related_name="members")
    member_id = models.BigIntegerField()
    sale_on = models.DateField()
    joined_at = models.DateTimeField()
    is_joint = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "member_id", "sale_on"], name="ordering_basketmember_once")
        ]


class BasketLine(ShardModel):
    """Units of an offer that a member put in; those of `order_id` are ordered while that order stands."""

    basket = ShardFK("Basket", on_delete=models.CASCADE, related_name="lines")
    member_id = models.BigIntegerField()
    offer_id = models.BigIntegerField()
    quantity = models.IntegerField()
    order_id = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "basket", "member_id", "offer_id"],
                condition=Q(order_id=0),
                name="ordering_basketline_open_once",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="ordering_basketline_quantity"),
        ]


class RelayList(ShardModel):
    """The relay list (接龙) of one pickup point on one evening; the row that pastes queue at. Its text is not kept."""

    point_id = models.BigIntegerField()
    sale_on = models.DateField()
    pasted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "sale_on", "point_id"], name="ordering_relaylist_once")
        ]


class RelayDraft(ShardModel):
    """One line of it, to be confirmed by whoever has its code: nothing is reserved, and no price agreed.

    `fingerprint` is of the line as it was last read; `offers`, `quantities` and `sure` go side by side.
    """

    relay = ShardFK("RelayList", on_delete=models.CASCADE, related_name="drafts", db_index=False)
    number = models.IntegerField()
    name = models.CharField(max_length=LONGEST_NAME)
    code = models.CharField(max_length=CODE_LENGTH)
    state = models.CharField(max_length=9, choices=[(state, state) for state in DRAFT_STATES])
    offers = ArrayField(models.BigIntegerField(), default=list)
    quantities = ArrayField(models.IntegerField(), default=list)
    sure = ArrayField(models.BooleanField(), default=list)
    unread = models.CharField(max_length=LONGEST_UNREAD, default="")
    fingerprint = models.CharField(max_length=32)
    differs = models.BooleanField(default=False)
    member_id = models.BigIntegerField(default=0)
    order_id = models.BigIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["province_id", "member_id"], condition=~Q(member_id=0), name="ordering_relaydraft_of_member"
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "relay", "code"], name="ordering_relaydraft_code"),
            models.CheckConstraint(condition=Q(state__in=DRAFT_STATES), name="ordering_relaydraft_state"),
            models.CheckConstraint(
                condition=Q(state="confirmed", member_id__gt=0, order_id__gt=0)
                | (~Q(state="confirmed") & Q(member_id=0, order_id=0)),
                name="ordering_relaydraft_confirmed",
            ),
        ]


class RelayGuess(ShardModel):
    """How often a member typed a code that was nobody's, on one sale day."""

    member_id = models.BigIntegerField()
    sale_on = models.DateField()
    misses = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "sale_on", "member_id"], name="ordering_relayguess_once")
        ]
