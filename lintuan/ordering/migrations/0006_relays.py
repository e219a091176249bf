import django.contrib.postgres.fields
import django.db.models.deletion
import lintuan.kernel.shard
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ordering', '0005_runs'),
    ]

    operations = [
        migrations.CreateModel(
            name='RelayGuess',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('province_id', lintuan.kernel.shard.ShardKey()),
                ('member_id', models.BigIntegerField()),
                ('sale_on', models.DateField()),
                ('misses', models.IntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('province_id', 'sale_on', 'member_id'), name='ordering_relayguess_once')],
            },
        ),
        migrations.CreateModel(
            name='RelayList',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('province_id', lintuan.kernel.shard.ShardKey()),
                ('point_id', models.BigIntegerField()),
                ('sale_on', models.DateField()),
                ('pasted_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('province_id', 'sale_on', 'point_id'), name='ordering_relaylist_once')],
            },
        ),
        migrations.CreateModel(
            name='RelayDraft',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('province_id', lintuan.kernel.shard.ShardKey()),
                ('number', models.IntegerField()),
                ('name', models.CharField(max_length=40)),
                ('code', models.CharField(max_length=4)),
                ('state', models.CharField(choices=[('unsettled', 'unsettled'), ('ready', 'ready'), ('confirmed', 'confirmed'), ('withdrawn', 'withdrawn'), ('lapsed', 'lapsed')], max_length=9)),
                ('offers', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('quantities', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, size=None)),
                ('sure', django.contrib.postgres.fields.ArrayField(base_field=models.BooleanField(), default=list, size=None)),
                ('unread', models.CharField(default='', max_length=200)),
                ('fingerprint', models.CharField(max_length=32)),
                ('differs', models.BooleanField(default=False)),
                ('member_id', models.BigIntegerField(default=0)),
                ('order_id', models.BigIntegerField(default=0)),
                ('relay', lintuan.kernel.shard.ShardFK(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='ordering.relaylist')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('member_id', 0), _negated=True), fields=['province_id', 'member_id'], name='ordering_relaydraft_of_member')],
                'constraints': [models.UniqueConstraint(fields=('province_id', 'relay', 'code'), name='ordering_relaydraft_code'), models.CheckConstraint(condition=models.Q(('state__in', ['unsettled', 'ready', 'confirmed', 'withdrawn', 'lapsed'])), name='ordering_relaydraft_state'), models.CheckConstraint(condition=models.Q(models.Q(('member_id__gt', 0), ('order_id__gt', 0), ('state', 'confirmed')), models.Q(models.Q(('state', 'confirmed'), _negated=True), ('member_id', 0), ('order_id', 0)), _connector='OR'), name='ordering_relaydraft_confirmed')],
            },
        ),
    ]
