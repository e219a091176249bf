from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('settlement', '0007_withdrawals'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='transfer',
            name='settlement_transfer_kinds',
        ),
        migrations.AlterField(
            model_name='transfer',
            name='kind',
            field=models.CharField(choices=[('charge_paid', 'charge_paid'), ('charge_paid_late', 'charge_paid_late'), ('order_paid', 'order_paid'), ('lines_cut', 'lines_cut'), ('refund_asked', 'refund_asked'), ('refund_done', 'refund_done'), ('order_collected', 'order_collected'), ('order_unclaimed', 'order_unclaimed'), ('line_refunded', 'line_refunded'), ('unclaimed_refunded', 'unclaimed_refunded'), ('order_saved', 'order_saved'), ('goods_received', 'goods_received'), ('goods_booked', 'goods_booked'), ('commission_booked', 'commission_booked'), ('commission_raised', 'commission_raised'), ('subsidy_funded', 'subsidy_funded'), ('gateway_fee', 'gateway_fee'), ('gateway_withdrawn', 'gateway_withdrawn'), ('correction', 'correction'), ('payout_sent', 'payout_sent'), ('payout_done', 'payout_done'), ('payout_back', 'payout_back'), ('supplier_paid', 'supplier_paid'), ('reversal', 'reversal')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['charge_paid', 'charge_paid_late', 'order_paid', 'lines_cut', 'refund_asked', 'refund_done', 'order_collected', 'order_unclaimed', 'line_refunded', 'unclaimed_refunded', 'order_saved', 'goods_received', 'goods_booked', 'commission_booked', 'commission_raised', 'subsidy_funded', 'gateway_fee', 'gateway_withdrawn', 'correction', 'payout_sent', 'payout_done', 'payout_back', 'supplier_paid', 'reversal'])), name='settlement_transfer_kinds'),
        ),
    ]
