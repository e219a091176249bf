"""What was paid before attempts had a table of their own is found in it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lintuan.kernel.money import ZERO, Money
from lintuan.payments import queries
from lintuan.payments.types import AttemptState, ChargeState, PayMethod, Provider
from tests.make.payments import HUBEI

BEFORE = [("payments", "0002_open_charges")]
_CHARGES = """
INSERT INTO payments_charge (
    id, province_id, purpose, subject_id, member_id, number, state, amount, refunded, refunds_count, prepay_id,
    transaction_no, opened_at, expires_at, prepaid_at, paid_at
)
VALUES
    (1, 42, 'order', 1, 7, '42new', 'open', 1990, 0, 0, '', '', now(), now(), NULL, NULL),
    (2, 42, 'order', 2, 7, '42phone', 'open', 1990, 0, 0, 'wx2', '', now(), now(), now(), NULL),
    (3, 42, 'order', 3, 7, '42paid', 'paid', 1990, 500, 1, 'wx3', '4200003', now(), now(), now(), now()),
    (4, 42, 'order', 4, 7, '42late', 'late', 1990, 1990, 1, 'wx4', '4200004', now(), now(), now(), now()),
    (5, 42, 'order', 5, 7, '42shut', 'closed', 1990, 0, 0, 'wx5', '', now(), now(), now(), NULL),
    (6, 42, 'order', 6, 7, '42told', 'paid', 1990, 0, 0, '', '4200006', now(), now(), NULL, now())
"""
_REFUNDS = """
INSERT INTO payments_refund (
    id, province_id, charge_id, number, state, amount, cause, gateway_no, tries, reason, asked_at
)
VALUES
    (1, 42, 3, '42r1', 'sent', 500, 'short', '', 0, '', now()),
    (2, 42, 4, '42r2', 'sent', 1990, 'late_payment', '', 0, '', now())
"""


@pytest.mark.django_db(transaction=True)
def test_charges_of_before_become_attempts_of_wechat_pay():
    MigrationExecutor(connection).migrate(BEFORE)
    try:
        with connection.cursor() as cursor:
            cursor.execute(_CHARGES)
            cursor.execute(_REFUNDS)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())

    charges = queries.charges(HUBEI, range(1, 7))
    tried = queries.attempts_of(HUBEI, charges)
    assert {charge_id: [(one.number, one.state) for one in found] for charge_id, found in tried.items()} == {
        1: [],
        2: [("42phone", AttemptState.OPEN)],
        3: [("42paid", AttemptState.PAID)],
        4: [("42late", AttemptState.LATE)],
        5: [("42shut", AttemptState.CLOSED)],
        6: [("42told", AttemptState.PAID)],
    }
    assert {(one.provider, one.method) for found in tried.values() for one in found} == {
        (Provider.WECHATPAY, PayMethod.WECHAT_JSAPI)
    }
    assert tried[3][0].transaction_no == "4200003"
    assert [(charges[one].state, charges[one].refunded) for one in (3, 4)] == [
        (ChargeState.PAID, Money(500)),
        (ChargeState.CLOSED, ZERO),
    ]
    assert {one.id: one.attempt_id for one in queries.refunds(HUBEI, [1, 2]).values()} == {
        1: tried[3][0].id,
        2: tried[4][0].id,
    }
