from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfilment', '0003_photos_and_proxies'),
    ]

    operations = [
        migrations.AddField(
            model_name='codetries',
            name='day_since_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='codetries',
            name='day_wrong',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='codetries',
            name='shut_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='proxy',
            index=models.Index(fields=['province_id', 'code'], name='fulfilment_proxy_any_code'),
        ),
    ]
