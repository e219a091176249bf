from __future__ import annotations

from typing import ClassVar

from django.db import models

from .shard import ShardKey, ShardModel


class CommandRun(ShardModel):
    """A keyed command that was carried out, and its answer."""

    command = models.CharField(max_length=80)
    caller = models.CharField(max_length=60)
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "command", "caller", "key"], name="kernel_commandrun_once")
        ]


class EventRecord(models.Model):
    """A row of the append-only log; the table is partitioned by day."""

    id = models.BigAutoField(primary_key=True)
    province_id = ShardKey()
    on_day = models.DateField()
    at = models.DateTimeField()
    name = models.CharField(max_length=80)
    body = models.JSONField()

    class Meta:
        db_table = "kernel_event"


class Checkpoint(models.Model):
    """How far a consumer has read: the last (transaction id, event id) that took effect."""

    consumer = models.CharField(max_length=80, primary_key=True)
    transaction = models.BigIntegerField(default=0)
    event = models.BigIntegerField(default=0)


class ChangeCount(ShardModel):
    """How often reference rows that concern a province have changed; `kernel.changes` says what that is for."""

    number = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["province_id"], name="kernel_changecount_once")]


class ParkedEvent(models.Model):
    """An event that one consumer could not take; the others behind it went on."""

    consumer = models.CharField(max_length=80)
    event_id = models.BigIntegerField()
    province_id = models.BigIntegerField()
    name = models.CharField(max_length=80)
    body = models.JSONField()
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["consumer", "event_id"], name="kernel_parkedevent_once")
        ]


class DutyRun(ShardModel):
    """One step of one sale day's night, and how it went."""

    class State(models.TextChoices):
        DONE = "done"
        FAILED = "failed"

    sale_on = models.DateField()
    duty = models.CharField(max_length=80)
    state = models.CharField(max_length=8, choices=State.choices)
    attempts = models.IntegerField(default=1)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    took_ms = models.IntegerField()
    note = models.TextField(default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "sale_on", "duty"], name="kernel_dutyrun_once")
        ]
