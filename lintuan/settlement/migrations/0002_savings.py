from django.db import migrations, models

KINDS = [
    "charge_paid", "charge_paid_late", "order_paid", "lines_cut", "refund_asked", "refund_done", "order_collected",
    "order_unclaimed", "line_refunded", "unclaimed_refunded", "order_saved", "goods_received", "goods_booked",
    "commission_booked", "reversal",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("settlement", "0001_start")]

    operations = [
        migrations.AlterField(
            "journal", "kind", models.CharField(choices=[(kind, kind) for kind in KINDS], max_length=20)
        ),
        migrations.RemoveConstraint("journal", "settlement_journal_kinds"),
        migrations.AddConstraint(
            "journal",
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="settlement_journal_kinds"),
        ),
    ]
