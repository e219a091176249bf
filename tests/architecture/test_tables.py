"""Province-owned tables obey the rules that let Citus distribute them, and foreign keys obey the order of the rooms."""

from __future__ import annotations

import tomllib

import pytest
from django.apps import apps
from django.db import connection, models

from lintuan.kernel.shard import ShardFK, ShardKey, ShardModel, is_sharded

from .source import ROOT

OURS = [model for model in apps.get_models() if model.__module__.startswith("lintuan.")]
SHARDED = [model for model in OURS if is_sharded(model)]
#: Tables that stay on the coordinator or are copied to every node, and why.
NOT_SHARDED = {
    "kernel.Checkpoint": "consumers run beside the coordinator",
    "kernel.ParkedEvent": "as their checkpoints",
    "provinces.Place": "reference",
    "provinces.Province": "reference",
    "provinces.Staff": "headquarters, local",
    "members.SignInCode": "before a province is known, local",
    "members.Session": "local",
    "catalog.Edition": "reference: one row, the change counter of the catalogue",
    "catalog.Product": "reference",
    "catalog.Sku": "reference",
    "payments.Inbox": "before a province is known, local",
    "payments.BillDay": "of a merchant, for all provinces, local",
}


def test_a_table_is_sharded_or_says_why_not() -> None:
    assert {model._meta.label for model in OURS} - {model._meta.label for model in SHARDED} == set(NOT_SHARDED)


@pytest.mark.parametrize("model", SHARDED, ids=lambda model: model._meta.label)
def test_every_unique_constraint_contains_the_province(model: type[models.Model]) -> None:
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            assert "province_id" in constraint.fields, constraint.name
    assert not model._meta.unique_together
    assert not [field.name for field in model._meta.local_fields if field.unique and not field.primary_key]


@pytest.mark.parametrize("model", SHARDED, ids=lambda model: model._meta.label)
def test_foreign_keys_of_sharded_tables_are_composite(model: type[models.Model]) -> None:
    for field in model._meta.local_fields:
        if isinstance(field, models.ForeignKey):
            assert isinstance(field, ShardFK), field.name
            assert is_sharded(field.remote_field.model), field.name
            assert not field.db_constraint, field.name


@pytest.mark.parametrize("model", SHARDED, ids=lambda model: model._meta.label)
def test_saving_never_writes_the_distribution_column(model: type[models.Model]) -> None:
    assert issubclass(model, ShardModel) or model._meta.label == "kernel.EventRecord"


@pytest.mark.django_db
@pytest.mark.parametrize("model", SHARDED, ids=lambda model: model._meta.label)
def test_the_database_has_the_composite_keys(model: type[models.Model]) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT contype, pg_get_constraintdef(oid), condeferrable FROM pg_constraint WHERE conrelid = %s::regclass",
            [table],
        )
        found = cursor.fetchall()

    primary = next(text for kind, text, _ in found if kind == "p")
    foreign = [text for kind, text, _ in found if kind == "f"]
    keys = [field for field in model._meta.local_fields if isinstance(field, ShardFK)]
    assert primary.startswith("PRIMARY KEY (id, province_id")
    assert len(foreign) == len(keys)
    assert all(", province_id) REFERENCES" in text for text in foreign)
    assert not any(deferrable for *_, deferrable in found)


@pytest.mark.django_db
def test_our_tables_have_no_triggers() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND c.relname NOT LIKE 'procrastinate%%'"
        )
        assert cursor.fetchall() == []


def test_foreign_keys_follow_the_order_of_the_rooms() -> None:
    rank = _ranks()

    for model in OURS:
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey):
                target = field.remote_field.model._meta.app_label
                assert target == model._meta.app_label or rank[target] > rank[model._meta.app_label], field


def test_the_distribution_column_is_one_bigint_of_one_name() -> None:
    for model in SHARDED:
        keys = [field for field in model._meta.local_fields if isinstance(field, ShardKey)]
        assert [key.column for key in keys] == ["province_id"], model


def _ranks() -> dict[str, int]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    return {room.strip(" ()"): place for place, layer in enumerate(layers) for room in layer.split("|")}
