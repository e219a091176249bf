from __future__ import annotations

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from bench import rows


def own_database() -> str:
    known = connection.settings_dict
    parts = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return make_conninfo(**{part: known[name] for part, name in parts.items() if known[name]})


@pytest.mark.django_db
def test_the_limits_know_every_column_that_an_order_must_fill() -> None:
    found = rows.writings(own_database())

    payments = {"payments_charge", "payments_attempt"}
    assert found.keys() == {"ordering_order", "ordering_orderline", "kernel_event"} | payments
    assert {"key_hash", "content_hash"} <= set(found["ordering_order"].columns)


@pytest.mark.django_db
def test_a_column_that_nobody_told_the_limits_of_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "TABLES", {"payments_charge": {"id": "{charge}"}})

    with pytest.raises(LookupError, match=r"payments_charge holds in .*province_id"):
        rows.writings(own_database())
