from django.db import migrations

# A number leads with its province, as a callback tells nothing else, and goes on with its moment, so that numbers
# of one evening lie side by side in their index; 56 random bits behind it make it unguessable.
OPEN = """
CREATE FUNCTION payments_open_charges(
    p_province bigint, p_purpose text, p_opened_at timestamptz,
    p_ids bigint[], p_subjects bigint[], p_members bigint[], p_amounts bigint[], p_expiries timestamptz[]
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO payments_charge (
        id, province_id, purpose, subject_id, member_id, number, state, amount, refunded, refunds_count, prepay_id,
        transaction_no, opened_at, expires_at
    )
    SELECT w.id, p_province, p_purpose, w.subject_id, w.member_id,
        lpad(p_province::text, 2, '0') || lpad(to_hex(floor(extract(epoch FROM p_opened_at) * 1000)::bigint), 12, '0')
            || right(replace(gen_random_uuid()::text, '-', ''), 14),
        'open', w.amount, 0, 0, '', '', p_opened_at, w.expires_at
    FROM unnest(p_ids, p_subjects, p_members, p_amounts, p_expiries)
        AS w (id, subject_id, member_id, amount, expires_at);
END
$$
"""

#: An id that a batch takes stands for itself and those up to the next step.
BLOCK = 1000


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_start")]

    operations = [
        migrations.RunSQL(
            OPEN,
            "DROP FUNCTION payments_open_charges("
            "bigint, text, timestamptz, bigint[], bigint[], bigint[], bigint[], timestamptz[])",
        ),
        migrations.RunSQL(
            f"ALTER TABLE payments_charge ALTER COLUMN id SET INCREMENT BY {BLOCK}",
            "ALTER TABLE payments_charge ALTER COLUMN id SET INCREMENT BY 1; SELECT setval("
            "pg_get_serial_sequence('payments_charge', 'id'), (SELECT coalesce(max(id), 0) + 1000 FROM payments_charge))",
        ),
    ]
