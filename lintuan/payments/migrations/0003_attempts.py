import django.db.models.deletion
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import Q

import lintuan.kernel.shard

_STATES = [(state, state) for state in ("open", "paid", "closed", "late")]
_PROVIDERS = [(provider, provider) for provider in ("wechatpay", "alipay")]
_METHODS = [
    (method, method)
    for method in ("wechat_jsapi", "wechat_h5", "wechat_native", "alipay_mini", "alipay_wap", "alipay_qr")
]

# What the gateway knows of charges until now: those that a phone was told of, and those that were paid.
MOVE = """
INSERT INTO payments_attempt (
    province_id, charge_id, number, provider, method, handle, state, transaction_no, prepaid_at, queried_at, paid_at
)
SELECT province_id, id, number, 'wechatpay', 'wechat_jsapi', prepay_id, state, transaction_no,
    coalesce(prepaid_at, opened_at), queried_at, paid_at
FROM payments_charge WHERE prepay_id <> '' OR paid_at IS NOT NULL
ORDER BY province_id, id
"""
REFUNDS = """
UPDATE payments_refund AS r SET attempt_id = a.id FROM payments_attempt AS a
WHERE a.province_id = r.province_id AND a.charge_id = r.charge_id
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_open_charges")]

    operations = [
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("province_id", lintuan.kernel.shard.ShardKey()),
                (
                    "charge",
                    lintuan.kernel.shard.ShardFK(
                        db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT,
                        related_name="attempts", to="payments.charge",
                    ),
                ),
                ("number", models.CharField(max_length=32)),
                ("provider", models.CharField(choices=_PROVIDERS, max_length=10)),
                ("method", models.CharField(choices=_METHODS, max_length=15)),
                ("handle", models.TextField()),
                ("state", models.CharField(choices=_STATES, default="open", max_length=8)),
                ("transaction_no", models.CharField(default="", max_length=64)),
                ("prepaid_at", models.DateTimeField()),
                ("queried_at", models.DateTimeField(null=True)),
                ("paid_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["province_id", "prepaid_at"], condition=Q(state="open"), name="payments_attempt_silent"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=["province_id", "number"], name="payments_attempt_number"),
                    models.UniqueConstraint(
                        fields=["province_id", "charge", "method"], name="payments_attempt_method"
                    ),
                    models.UniqueConstraint(
                        fields=["province_id", "charge"], condition=Q(state="paid"), name="payments_attempt_one_paid"
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=["open", "paid", "closed", "late"]), name="payments_attempt_state"
                    ),
                    models.CheckConstraint(
                        condition=Q(provider="wechatpay", method__startswith="wechat_")
                        | Q(provider="alipay", method__startswith="alipay_"),
                        name="payments_attempt_provider",
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=["paid", "late"], paid_at__isnull=False)
                        | Q(state__in=["open", "closed"], paid_at__isnull=True),
                        name="payments_attempt_paid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("province_id", lintuan.kernel.shard.ShardKey()),
                ("city_code", models.CharField(blank=True, default="", max_length=6)),
                ("from_on", models.DateField()),
                ("providers", ArrayField(models.CharField(choices=_PROVIDERS, max_length=10))),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["province_id", "city_code", "from_on"], name="payments_preference_once"
                    ),
                ],
            },
        ),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.AddField(
            "refund",
            "attempt",
            lintuan.kernel.shard.ShardFK(
                null=True, db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds", to="payments.attempt",
            ),
        ),
        migrations.RunSQL(REFUNDS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "refund",
            models.UniqueConstraint(
                fields=["province_id", "attempt"], condition=Q(cause="late_payment"), name="payments_refund_late_once"
            ),
        ),
    ]
