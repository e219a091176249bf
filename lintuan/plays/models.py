from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from lintuan.kernel.fields import MoneyField
from lintuan.kernel.shard import ShardFK, ShardModel

from .types import CampaignState, GrantState, RunState

ONGOING = [GrantState.GIVEN.value, GrantState.HELD.value, GrantState.USED.value]


class Design(ShardModel):
    """A play that operators composed; each version stays as it was written."""

    code = models.CharField(max_length=40)
    version = models.IntegerField()
    definition = models.JSONField()
    written_by = models.CharField(max_length=60)
    written_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "code", "version"], name="plays_design_once")
        ]


class Campaign(ShardModel):
    """A play that was started: its definition as of then, where it runs, what it is about; arms by the trial's code."""

    code = models.CharField(max_length=40)
    definition = models.JSONField()
    state = models.CharField(
        max_length=8, choices=[(state.value, state.value) for state in CampaignState], default=CampaignState.LIVE.value
    )
    leader_id = models.BigIntegerField(default=0)
    point_ids = ArrayField(models.BigIntegerField(), default=list)
    sku_ids = ArrayField(models.BigIntegerField(), default=list)
    goods = models.JSONField(default=dict)
    channel = models.CharField(max_length=30)
    started_by = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    verdict = models.JSONField(default=list)
    content = models.JSONField(default=dict)
    arms = models.JSONField(default=dict, db_default={})

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in CampaignState]), name="plays_campaign_state"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="plays_campaign_time"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id"], condition=Q(state="live"), name="plays_campaign_live")
        ]


class Run(ShardModel):
    """One round of a campaign: the row that everything which counts in it queues at.

    `scope` is the point, leader, city or province that it is of, `opener_id` the member who opened it.
    """

    campaign = ShardFK("Campaign", on_delete=models.PROTECT, related_name="runs")
    scope = models.BigIntegerField()
    opener_id = models.BigIntegerField(default=0)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    state = models.CharField(
        max_length=8, choices=[(state.value, state.value) for state in RunState], default=RunState.OPEN.value
    )
    code = models.CharField(max_length=8)
    seed = models.BinaryField(max_length=32)
    body = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "campaign", "scope", "opener_id", "begins_at"], name="plays_run_once"
            ),
            models.UniqueConstraint(fields=["province_id", "code"], name="plays_run_code"),
            models.CheckConstraint(condition=Q(state__in=[state.value for state in RunState]), name="plays_run_state"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "ends_at"], condition=Q(state="open"), name="plays_run_open")
        ]


class Tally(ShardModel):
    """What one unit has counted in a run."""

    run = ShardFK("Run", on_delete=models.PROTECT, related_name="tallies", db_index=False)
    unit = models.BigIntegerField()
    tries = models.SmallIntegerField(default=0, db_default=0)
    body = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "run", "unit"], name="plays_tally_once")
        ]


class Person(ShardModel):
    """What one member counted for a unit."""

    run = ShardFK("Run", on_delete=models.PROTECT, related_name="persons", db_index=False)
    unit = models.BigIntegerField()
    member_id = models.BigIntegerField()
    body = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "run", "unit", "member_id"], name="plays_person_once")
        ]
        indexes: ClassVar = [models.Index(fields=["province_id", "member_id"], name="plays_person_member")]


class Heard(ShardModel):
    """A fact that a run heard: what makes it heard once, and replayed or withdrawn."""

    run = ShardFK("Run", on_delete=models.PROTECT, related_name="heard", db_index=False)
    key = models.CharField(max_length=80)
    unit = models.BigIntegerField()
    member_id = models.BigIntegerField()
    order_id = models.BigIntegerField(default=0)
    body = models.JSONField()
    is_withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["province_id", "run", "key"], name="plays_heard_once")]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "run", "unit"], name="plays_heard_unit"),
            models.Index(fields=["province_id", "order_id"], condition=Q(order_id__gt=0), name="plays_heard_order"),
        ]


class Grant(ShardModel):
    """A reward given to somebody: the `nth` of that reward to that unit, of a pot one for each member.

    `cost` is what its budgets keep for it, `worth` what it may save, `spent` what it saved, `price` what was agreed.
    """

    campaign = ShardFK("Campaign", on_delete=models.PROTECT, related_name="grants")
    run = ShardFK("Run", on_delete=models.PROTECT, related_name="grants", db_index=False)
    unit = models.BigIntegerField()
    reward = models.IntegerField()
    nth = models.IntegerField()
    member_id = models.BigIntegerField()
    leader_id = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=8, choices=[(state.value, state.value) for state in GrantState])
    cost = MoneyField()
    worth = MoneyField()
    spent = MoneyField()
    price = MoneyField()
    points = models.IntegerField(default=0)
    given_at = models.DateTimeField()
    given_on = models.DateField()
    expires_on = models.DateField(null=True)
    order_id = models.BigIntegerField(default=0)
    why = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "run", "unit", "reward", "nth", "member_id"], name="plays_grant_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in GrantState]), name="plays_grant_state"
            ),
            models.CheckConstraint(condition=Q(spent__gte=0, spent__lte=F("worth")), name="plays_grant_spent"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "member_id"], condition=Q(state="given"), name="plays_grant_usable"),
            models.Index(fields=["province_id", "order_id"], condition=Q(order_id__gt=0), name="plays_grant_order"),
            models.Index(fields=["province_id"], condition=Q(state="held"), name="plays_grant_held"),
        ]


class Use(ShardModel):
    """What a reward saved on an order; released ones went back to whoever had it."""

    grant = ShardFK("Grant", on_delete=models.PROTECT, related_name="uses", db_index=False)
    order_id = models.BigIntegerField()
    fen = models.BigIntegerField()
    is_released = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "order_id", "grant"], condition=Q(is_released=False), name="plays_use_once"
            ),
            models.CheckConstraint(condition=Q(fen__gt=0), name="plays_use_fen"),
        ]


class Budget(ShardModel):
    """What a campaign may promise in one respect: rows that everything which is given queues at."""

    campaign = ShardFK("Campaign", on_delete=models.PROTECT, related_name="budgets", db_index=False)
    kind = models.CharField(max_length=8)
    subject = models.BigIntegerField(default=0)
    on_day = models.DateField()
    most = models.BigIntegerField()
    spent = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "campaign", "kind", "subject", "on_day"], name="plays_budget_once"
            ),
            models.CheckConstraint(condition=Q(spent__gte=0, spent__lte=F("most")), name="plays_budget_kept"),
        ]


class Purse(ShardModel):
    """The points of a member."""

    member_id = models.BigIntegerField()
    points = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "member_id"], name="plays_purse_once"),
            models.CheckConstraint(condition=Q(points__gte=0), name="plays_purse_points"),
        ]


class Side(ShardModel):
    """Which building, team or household a member plays for in a campaign."""

    campaign = ShardFK("Campaign", on_delete=models.PROTECT, related_name="sides", db_index=False)
    member_id = models.BigIntegerField()
    unit = models.BigIntegerField()
    label = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "campaign", "member_id"], name="plays_side_once")
        ]
        indexes: ClassVar = [models.Index(fields=["province_id", "campaign", "unit"], name="plays_side_unit")]


class Companion(ShardModel):
    """A member who was in a household basket on a sale day, as ordering told."""

    basket_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    sale_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "member_id", "basket_id"], name="plays_companion_once")
        ]


class CodeTries(ShardModel):
    """Wrong gift codes that a member typed one after another in a campaign, and until when that locks them out."""

    campaign = ShardFK("Campaign", on_delete=models.PROTECT, related_name="code_tries", db_index=False)
    member_id = models.BigIntegerField()
    wrong = models.SmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "campaign", "member_id"], name="plays_codetries_once")
        ]


class NewcomerMark(ShardModel):
    """A newcomer behind a reward: keyed digests of their phone and device; of forgotten ones nothing else."""

    member_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField()
    run_id = models.BigIntegerField()
    unit = models.BigIntegerField()
    phone = models.CharField(max_length=64)
    device = models.CharField(max_length=64)
    marked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "member_id", "run_id", "unit"],
                condition=Q(member_id__gt=0),
                name="plays_newcomermark_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "phone"], name="plays_newcomermark_phone"),
            models.Index(fields=["province_id", "device"], condition=~Q(device=""), name="plays_newcomermark_device"),
        ]


class Trial(ShardModel):
    """A question put to leaders by lot, fixed before the first look; with `about` its arms are forms of that play."""

    code = models.CharField(max_length=40)
    about = models.CharField(max_length=40, default="", db_default="")
    arms = ArrayField(models.CharField(max_length=40))
    definitions = models.JSONField(default=dict, db_default={})
    matters = models.FloatField()
    wrong = models.FloatField()
    least_leaders = models.IntegerField()
    begins_on = models.DateField()
    ends_on = models.DateField()
    begun_by = models.CharField(max_length=60)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "code"], name="plays_trial_code"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="plays_trial_time"),
        ]


class Assignment(ShardModel):
    """The arm of a leader in a trial, for good, from a local day on; whoever declined stays where the lot put them."""

    trial = ShardFK("Trial", on_delete=models.PROTECT, related_name="assignments", db_index=False)
    leader_id = models.BigIntegerField()
    group_type = models.CharField(max_length=20)
    place = models.IntegerField()
    arm = models.CharField(max_length=40)
    propensity = models.FloatField()
    on_day = models.DateField()
    declined_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "trial", "leader_id"], name="plays_assignment_once"),
            models.UniqueConstraint(
                fields=["province_id", "trial", "group_type", "place"], name="plays_assignment_place"
            ),
        ]


class Belief(ShardModel):
    """What was believed of plays from a local day on: the outcomes it rests on, the spreads they lie apart by, and how
    offers are drawn from it; `refused` are the plays that drive people away.
    """

    on_day = models.DateField()
    cells = models.JSONField()
    spread = models.JSONField()
    taste = models.JSONField()
    plays = ArrayField(models.CharField(max_length=40))
    refused = models.JSONField()
    learnt_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "on_day"], name="plays_belief_once"),
        ]


class Offering(ShardModel):
    """What a leader was offered on a local day: every choice with its chance, and the campaign that was started of it.

    `members` are those of the group on that day.
    """

    leader_id = models.BigIntegerField()
    on_day = models.DateField()
    belief = ShardFK("Belief", on_delete=models.PROTECT, related_name="offerings", db_index=False)
    members = models.IntegerField()
    shown = models.JSONField()
    campaign_id = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "leader_id", "on_day"], name="plays_offering_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["province_id", "campaign_id"], condition=Q(campaign_id__gt=0), name="plays_offering_taken"
            )
        ]


class HarmCount(ShardModel):
    """An order of a run of which somebody complained, counted once for each guard."""

    guard = models.CharField(max_length=20)
    order_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "campaign_id", "guard", "order_id"], name="plays_harm_once")
        ]
