"""Migrations run while servers of the release before still write: what they do not know must not stand in their way."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField, CreateModel
from django.db.models import NOT_PROVIDED

#: Columns of the time before there was a release that ran beside the next one.
BEFORE_RELEASES = {
    "ordering.0003_intake: order.content_hash",
    "ordering.0003_intake: shopper.orders",
    "settlement.0003_funding: statement.subsidies",
}


def needed_columns() -> Iterator[str]:
    """Columns that are added to a table which was there before, and which a row cannot be written without."""
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if not migration.__module__.startswith("lintuan."):
            continue
        new = {one.name_lower for one in migration.operations if isinstance(one, CreateModel)}
        added = (one for one in migration.operations if isinstance(one, AddField) and one.model_name_lower not in new)
        for one in added:
            if not one.field.null and not one.field.many_to_many and one.field.db_default is NOT_PROVIDED:
                yield f"{app}.{name}: {one.model_name_lower}.{one.name}"


def test_a_new_column_has_a_default_in_the_database_or_may_be_empty() -> None:
    assert set(needed_columns()) == BEFORE_RELEASES
