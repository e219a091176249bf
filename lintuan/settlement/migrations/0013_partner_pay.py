from django.db import migrations, models

KINDS = [
    'charge_paid', 'charge_paid_late', 'order_paid', 'lines_cut', 'refund_asked', 'refund_done', 'refund_credited',
    'order_collected',
    'order_unclaimed', 'line_refunded', 'unclaimed_refunded', 'order_saved', 'goods_received', 'goods_booked',
    'commission_booked', 'commission_raised', 'subsidy_funded', 'gateway_fee', 'gateway_withdrawn', 'correction',
    'payout_sent', 'payout_done', 'payout_back', 'supplier_paid', 'partner_shared', 'partner_paid', 'reversal',
]
RUNS = ['leaders', 'suppliers', 'partners']
PAYEES = ['supplier', 'partner']


def choices(words):
    return [(word, word) for word in words]


class Migration(migrations.Migration):

    dependencies = [
        ('settlement', '0012_balances'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='transfer', name='settlement_transfer_kinds'),
        migrations.AlterField(
            model_name='transfer',
            name='kind',
            field=models.CharField(choices=choices(KINDS), max_length=20),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', KINDS)), name='settlement_transfer_kinds'),
        ),
        migrations.RemoveConstraint(model_name='payrun', name='settlement_payrun_kind'),
        migrations.AlterField(
            model_name='payrun',
            name='kind',
            field=models.CharField(choices=choices(RUNS), max_length=9),
        ),
        migrations.AddConstraint(
            model_name='payrun',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', RUNS)), name='settlement_payrun_kind'),
        ),
        migrations.RemoveConstraint(model_name='bankaccount', name='settlement_bankaccount_once'),
        migrations.AddField(
            model_name='bankaccount',
            name='kind',
            field=models.CharField(choices=choices(PAYEES), db_default=models.Value('supplier'), default='supplier', max_length=8),
        ),
        # The column keeps its name, for servers of the release before; only the state says otherwise.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField(model_name='bankaccount', old_name='supplier_id', new_name='payee_id'),
                migrations.AlterField(
                    model_name='bankaccount',
                    name='payee_id',
                    field=models.BigIntegerField(db_column='supplier_id'),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name='bankaccount',
            constraint=models.UniqueConstraint(fields=('province_id', 'kind', 'payee_id'), name='settlement_bankaccount_payee'),
        ),
        migrations.AddConstraint(
            model_name='bankaccount',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', PAYEES)), name='settlement_bankaccount_kind'),
        ),
    ]
