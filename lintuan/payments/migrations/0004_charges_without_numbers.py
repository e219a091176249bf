import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q, Value

import lintuan.kernel.shard

# What a process of the release before wrote between the last migration and this one.
MISSED = """
INSERT INTO payments_attempt (
    province_id, charge_id, number, provider, method, handle, state, transaction_no, prepaid_at, queried_at, paid_at
)
SELECT province_id, id, number, 'wechatpay', 'wechat_jsapi', prepay_id, state, transaction_no,
    coalesce(prepaid_at, opened_at), queried_at, paid_at
FROM payments_charge WHERE prepay_id <> '' OR paid_at IS NOT NULL
ORDER BY province_id, id
ON CONFLICT (province_id, charge_id, method) DO UPDATE
SET state = excluded.state, transaction_no = excluded.transaction_no, paid_at = excluded.paid_at;
UPDATE payments_refund AS r SET attempt_id = a.id FROM payments_attempt AS a
WHERE a.province_id = r.province_id AND a.charge_id = r.charge_id AND r.attempt_id IS NULL
"""
# The money of a late payment is its attempt's; its charge is closed, as it was before that money came.
LATE = """
UPDATE payments_charge SET state = 'closed', paid_at = NULL, refunded = 0, refunds_count = 0 WHERE state = 'late'
"""
OPEN = """
CREATE OR REPLACE FUNCTION payments_open_charges(
    p_province bigint, p_purpose text, p_opened_at timestamptz,
    p_ids bigint[], p_subjects bigint[], p_members bigint[], p_amounts bigint[], p_expiries timestamptz[]
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO payments_charge (
        id, province_id, purpose, subject_id, member_id, state, amount, refunded, refunds_count, opened_at, expires_at
    )
    SELECT w.id, p_province, p_purpose, w.subject_id, w.member_id, 'open', w.amount, 0, 0, p_opened_at, w.expires_at
    FROM unnest(p_ids, p_subjects, p_members, p_amounts, p_expiries)
        AS w (id, subject_id, member_id, amount, expires_at);
END
$$
"""


class Migration(migrations.Migration):
    """For when no process of the release before runs any more: it would look for numbers on charges."""

    dependencies = [("payments", "0003_attempts")]

    operations = [
        migrations.RunSQL(MISSED, migrations.RunSQL.noop),
        migrations.RemoveConstraint("charge", "payments_charge_state"),
        migrations.RemoveConstraint("charge", "payments_charge_paid"),
        migrations.RunSQL(LATE, migrations.RunSQL.noop),
        migrations.RunSQL(OPEN, migrations.RunSQL.noop),
        migrations.RemoveIndex("charge", "payments_charge_silent"),
        migrations.RemoveConstraint("charge", "payments_charge_number"),
        migrations.RemoveField("charge", "number"),
        migrations.RemoveField("charge", "prepay_id"),
        migrations.RemoveField("charge", "transaction_no"),
        migrations.RemoveField("charge", "prepaid_at"),
        migrations.RemoveField("charge", "queried_at"),
        migrations.AlterField(
            "charge",
            "state",
            models.CharField(
                choices=[("open", "open"), ("paid", "paid"), ("closed", "closed")], default="open", max_length=8
            ),
        ),
        migrations.AddConstraint(
            "charge",
            models.CheckConstraint(condition=Q(state__in=["open", "paid", "closed"]), name="payments_charge_state"),
        ),
        migrations.AddConstraint(
            "charge",
            models.CheckConstraint(
                condition=Q(state="paid", paid_at__isnull=False)
                | Q(state__in=["open", "closed"], paid_at__isnull=True, refunded=Value(0)),
                name="payments_charge_paid",
            ),
        ),
        migrations.AlterField(
            "refund",
            "attempt",
            lintuan.kernel.shard.ShardFK(
                db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds", to="payments.attempt",
            ),
        ),
    ]
