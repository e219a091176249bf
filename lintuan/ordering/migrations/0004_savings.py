from django.db import migrations, models

import lintuan.kernel.fields
import lintuan.kernel.money


class Migration(migrations.Migration):
    dependencies = [("ordering", "0003_intake")]

    operations = [
        migrations.AddField("order", "saved", lintuan.kernel.fields.MoneyField(db_default=models.Value(0), default=lintuan.kernel.money.ZERO)),
        migrations.AddField("order", "saved_later", lintuan.kernel.fields.MoneyField(db_default=models.Value(0), default=lintuan.kernel.money.ZERO)),
        migrations.AddConstraint(
            "order",
            models.CheckConstraint(
                condition=models.Q(
                    saved_later__gte=0, saved_later__lte=models.F("saved"), saved__lte=models.F("amount")
                ),
                name="ordering_order_saved",
            ),
        ),
    ]
