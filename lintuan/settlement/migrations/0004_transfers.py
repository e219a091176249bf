import django.db.models.deletion
import lintuan.kernel.fields
import lintuan.kernel.shard
from django.db import migrations, models


#: The postings of each journal as amounts from one account to another: laid end to end on either side, in their order,
#: each debit is met by the credits that it overlaps. A journal's first transfer keeps the journal's id.
MOVE = """
SELECT setval(pg_get_serial_sequence('settlement_transfer', 'id'), greatest(1, coalesce(max(id), 1)))
FROM settlement_journal;
WITH sides AS (
    SELECT p.province_id, p.journal_id, p.amount > 0 AS is_debit, a.code,
        sum(abs(p.amount)) OVER side AS upto, sum(abs(p.amount)) OVER side - abs(p.amount) AS since
    FROM settlement_posting p JOIN settlement_account a ON a.province_id = p.province_id AND a.id = p.account_id
    WINDOW side AS (PARTITION BY p.province_id, p.journal_id, p.amount > 0 ORDER BY p.id)
), legs AS (
    SELECT d.province_id, d.journal_id, d.code AS debit, c.code AS credit,
        (least(d.upto, c.upto) - greatest(d.since, c.since))::bigint AS amount,
        row_number() OVER (PARTITION BY d.province_id, d.journal_id ORDER BY d.upto, c.upto) - 1 AS leg,
        count(*) OVER (PARTITION BY d.province_id, d.journal_id) AS legs
    FROM sides d JOIN sides c ON c.province_id = d.province_id AND c.journal_id = d.journal_id
        AND d.is_debit AND NOT c.is_debit AND c.since < d.upto AND d.since < c.upto
)
INSERT INTO settlement_transfer (
    id, province_id, order_id, debit_of, credit_of, amount, at, sale_on, debit, credit, leg, legs, source, kind, memo
)
SELECT CASE l.leg WHEN 0 THEN j.id ELSE nextval(pg_get_serial_sequence('settlement_transfer', 'id')) END,
    j.province_id, j.order_id, coalesce(nullif(split_part(l.debit, ':', 2), ''), '0')::bigint,
    coalesce(nullif(split_part(l.credit, ':', 2), ''), '0')::bigint, l.amount, j.at, j.sale_on,
    split_part(l.debit, ':', 1)::integer, split_part(l.credit, ':', 1)::integer, l.leg, l.legs, j.source, j.kind,
    j.memo
FROM settlement_journal j JOIN legs l ON l.province_id = j.province_id AND l.journal_id = j.id
ORDER BY j.id, l.leg;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('settlement', '0003_funding'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClosedSum',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('province_id', lintuan.kernel.shard.ShardKey()),
                ('account', models.IntegerField()),
                ('owner', models.BigIntegerField()),
                ('debit', lintuan.kernel.fields.MoneyField()),
                ('credit', lintuan.kernel.fields.MoneyField()),
            ],
        ),
        migrations.CreateModel(
            name='Closing',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('province_id', lintuan.kernel.shard.ShardKey()),
                ('sale_on', models.DateField()),
                ('upto', models.BigIntegerField()),
                ('journals', models.BigIntegerField()),
                ('unsound', models.BigIntegerField()),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='OpenItem',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('province_id', lintuan.kernel.shard.ShardKey()),
                ('account', models.IntegerField()),
                ('order_id', models.BigIntegerField(null=True)),
                ('amount', lintuan.kernel.fields.MoneyField()),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('province_id', lintuan.kernel.shard.ShardKey()),
                ('order_id', models.BigIntegerField(null=True)),
                ('debit_of', models.BigIntegerField(default=0)),
                ('credit_of', models.BigIntegerField(default=0)),
                ('amount', lintuan.kernel.fields.MoneyField()),
                ('at', models.DateTimeField()),
                ('sale_on', models.DateField(null=True)),
                ('debit', models.IntegerField()),
                ('credit', models.IntegerField()),
                ('leg', models.SmallIntegerField()),
                ('legs', models.SmallIntegerField()),
                ('source', models.CharField(max_length=60)),
                ('kind', models.CharField(choices=[('charge_paid', 'charge_paid'), ('charge_paid_late', 'charge_paid_late'), ('order_paid', 'order_paid'), ('lines_cut', 'lines_cut'), ('refund_asked', 'refund_asked'), ('refund_done', 'refund_done'), ('order_collected', 'order_collected'), ('order_unclaimed', 'order_unclaimed'), ('line_refunded', 'line_refunded'), ('unclaimed_refunded', 'unclaimed_refunded'), ('order_saved', 'order_saved'), ('goods_received', 'goods_received'), ('goods_booked', 'goods_booked'), ('commission_booked', 'commission_booked'), ('commission_raised', 'commission_raised'), ('subsidy_funded', 'subsidy_funded'), ('reversal', 'reversal')], max_length=20)),
                ('memo', models.CharField(max_length=120)),
            ],
        ),
        migrations.RemoveIndex(
            model_name='commission',
            name='settlement_commission_ripe',
        ),
        migrations.AddIndex(
            model_name='commission',
            index=models.Index(condition=models.Q(('collected_at__isnull', False), ('state', 'pending')), fields=['province_id', 'order_id'], name='settlement_commission_ripe'),
        ),
        migrations.AddConstraint(
            model_name='closing',
            constraint=models.UniqueConstraint(fields=('province_id', 'sale_on'), name='settlement_closing_once'),
        ),
        migrations.AddField(
            model_name='closedsum',
            name='closing',
            field=lintuan.kernel.shard.ShardFK(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='sums', to='settlement.closing'),
        ),
        migrations.AddField(
            model_name='openitem',
            name='closing',
            field=lintuan.kernel.shard.ShardFK(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='settlement.closing'),
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(fields=['province_id', 'sale_on', 'id'], name='settlement_transfer_day'),
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(condition=models.Q(('order_id__isnull', False)), fields=['province_id', 'order_id'], name='settlement_transfer_order'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.UniqueConstraint(fields=('province_id', 'source', 'leg'), name='settlement_transfer_once'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='settlement_transfer_amount'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('debit', models.F('credit')), ('debit_of', models.F('credit_of')), _negated=True), name='settlement_transfer_accounts'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('leg__gte', 0), ('leg__lt', models.F('legs'))), name='settlement_transfer_leg'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['charge_paid', 'charge_paid_late', 'order_paid', 'lines_cut', 'refund_asked', 'refund_done', 'order_collected', 'order_unclaimed', 'line_refunded', 'unclaimed_refunded', 'order_saved', 'goods_received', 'goods_booked', 'commission_booked', 'commission_raised', 'subsidy_funded', 'reversal'])), name='settlement_transfer_kinds'),
        ),
        migrations.AddConstraint(
            model_name='closedsum',
            constraint=models.UniqueConstraint(fields=('province_id', 'closing', 'account', 'owner'), name='settlement_sum_once'),
        ),
        migrations.AddConstraint(
            model_name='closedsum',
            constraint=models.CheckConstraint(condition=models.Q(('credit__gte', 0), ('debit__gte', 0)), name='settlement_sum_sides'),
        ),
        migrations.AddIndex(
            model_name='openitem',
            index=models.Index(fields=['province_id', 'closing'], name='settlement_openitem_closing'),
        ),
        migrations.AddConstraint(
            model_name='openitem',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='settlement_openitem_amount'),
        ),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
    ]
