import django.db.models.deletion
import lintuan.kernel.shard
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfilment', '0005_claim_paid_back'),
    ]

    operations = [
        migrations.AddField(
            model_name='drop',
            name='unserved',
            field=models.CharField(db_default='', default='', max_length=10),
        ),
        migrations.AddField(
            model_name='route',
            name='back_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='route',
            name='is_locked',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='route',
            name='leaves_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='route',
            name='trip',
            field=models.SmallIntegerField(db_default=1, default=1),
        ),
        migrations.CreateModel(
            name='Vehicle',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('province_id', lintuan.kernel.shard.ShardKey()),
                ('plate', models.CharField(max_length=20)),
                ('driver', models.CharField(max_length=60)),
                ('driver_id', models.BigIntegerField(null=True)),
                ('crates', models.IntegerField()),
                ('kilograms', models.IntegerField()),
                ('stops', models.SmallIntegerField()),
                ('shift_from', models.TimeField()),
                ('shift_to', models.TimeField()),
                ('most_trips', models.SmallIntegerField()),
                ('start_cost_m', models.IntegerField()),
                ('is_active', models.BooleanField(default=True)),
                ('grid', lintuan.kernel.shard.ShardFK(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='vehicles', to='fulfilment.warehouse')),
            ],
        ),
        migrations.AddField(
            model_name='route',
            name='vehicle',
            field=lintuan.kernel.shard.ShardFK(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='routes', to='fulfilment.vehicle'),
        ),
        migrations.AddConstraint(
            model_name='route',
            constraint=models.UniqueConstraint(fields=('province_id', 'sale_on', 'vehicle', 'trip'), name='fulfilment_route_trip'),
        ),
        migrations.AddConstraint(
            model_name='vehicle',
            constraint=models.UniqueConstraint(fields=('province_id', 'plate'), name='fulfilment_vehicle_plate'),
        ),
        migrations.AddConstraint(
            model_name='vehicle',
            constraint=models.CheckConstraint(condition=models.Q(('crates__gte', 1), ('kilograms__gte', 1), ('most_trips__gte', 1), ('start_cost_m__gte', 0), ('stops__gte', 1)), name='fulfilment_vehicle_room'),
        ),
        migrations.AddConstraint(
            model_name='vehicle',
            constraint=models.CheckConstraint(condition=models.Q(('shift_from__lt', models.F('shift_to'))), name='fulfilment_vehicle_shift'),
        ),
    ]
