from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0001_start")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="device",
            field=models.CharField(db_default="", default="", max_length=64),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("device", ""), _negated=True),
                fields=["province", "device"],
                name="members_session_device",
            ),
        ),
    ]
