from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("settlement", "0004_transfers")]

    operations = [migrations.DeleteModel("Posting"), migrations.DeleteModel("Journal"), migrations.DeleteModel("Account")]
