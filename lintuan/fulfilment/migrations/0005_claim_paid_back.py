from django.db import migrations

import lintuan.kernel.fields


class Migration(migrations.Migration):
    dependencies = [("fulfilment", "0004_wrong_codes_of_a_day")]

    operations = [
        migrations.AddField("claim", "paid_back", lintuan.kernel.fields.MoneyField(null=True)),
    ]
