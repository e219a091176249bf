"""Rows that, once written, nobody changes or removes."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from lintuan.kernel.shard import ShardModel

from .errors import AppendOnly


class AppendOnlyRows(models.QuerySet[Any]):
    """Rows that are only ever inserted."""

    def update(self, **values: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly


class AppendOnlyModel(ShardModel):
    """A row that, once written, nobody changes or removes."""

    objects = AppendOnlyRows.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **{**options, "force_insert": True})

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise AppendOnly
