from django.db import migrations

ANNOUNCE = """
CREATE FUNCTION kernel_announce(p_province bigint, p_at timestamptz, p_name text, p_bodies text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO kernel_event (province_id, on_day, at, name, body)
    SELECT p_province, (p_at AT TIME ZONE 'UTC')::date, p_at, p_name, b.body::jsonb
    FROM unnest(p_bodies) AS b (body);
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_start")]

    operations = [
        migrations.RunSQL(
            ANNOUNCE, "DROP FUNCTION kernel_announce(bigint, timestamptz, text, text[])"
        ),
    ]
