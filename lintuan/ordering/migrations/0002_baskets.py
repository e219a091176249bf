import django.db.models.deletion
from django.db import migrations, models

import lintuan.kernel.shard


class Migration(migrations.Migration):

    dependencies = [
        ('ordering', '0001_start'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='basket_id',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name='Basket',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('province_id', lintuan.kernel.shard.ShardKey()),
                ('point_id', models.BigIntegerField()),
                ('sale_on', models.DateField()),
                ('opened_by', models.BigIntegerField()),
                ('opened_at', models.DateTimeField()),
                ('code', models.CharField(max_length=8)),
                ('state', models.CharField(choices=[('open', 'open'), ('closed', 'closed')], default='open', max_length=6)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('province_id', 'sale_on', 'code'), name='ordering_basket_code'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'closed'])), name='ordering_basket_state')],
            },
        ),
        migrations.CreateModel(
            name='BasketLine',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('province_id', lintuan.kernel.shard.ShardKey()),
                ('member_id', models.BigIntegerField()),
                ('offer_id', models.BigIntegerField()),
                ('quantity', models.IntegerField()),
                ('order_id', models.BigIntegerField(default=0)),
                ('basket', lintuan.kernel.shard.ShardFK(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='ordering.basket')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('order_id', 0)), fields=('province_id', 'basket', 'member_id', 'offer_id'), name='ordering_basketline_open_once'), models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='ordering_basketline_quantity')],
            },
        ),
        migrations.CreateModel(
            name='BasketMember',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('province_id', lintuan.kernel.shard.ShardKey()),
                ('member_id', models.BigIntegerField()),
                ('sale_on', models.DateField()),
                ('joined_at', models.DateTimeField()),
                ('is_joint', models.BooleanField(default=True)),
                ('basket', lintuan.kernel.shard.ShardFK(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='members', to='ordering.basket')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('province_id', 'member_id', 'sale_on'), name='ordering_basketmember_once')],
            },
        ),
    ]
