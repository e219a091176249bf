from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

import lintuan.kernel.shard

# What a batch holds of an order, by its place in the order of arrival; `ordering_take_in` says what each column is.
_ORDERS = """p_ids bigint[], p_charges bigint[], p_members bigint[], p_points bigint[], p_baskets bigint[], p_numbers text[],
    p_amounts bigint[], p_keys bigint[], p_contents bigint[], p_events text[]"""
_LINES = """l_ids bigint[], l_places int[], l_offers bigint[], l_skus bigint[], l_quantities int[], l_prices bigint[]"""
_DAY = """p_province bigint, p_sale_on date, p_now timestamptz, p_pay_by timestamptz"""

# Upserts the shoppers, in the order of their ids, and answers by place whose day is still as the batch was decided on.
MEET = """
CREATE FUNCTION ordering_meet_shoppers(
    p_province bigint, p_sale_on date, p_ids bigint[], p_members bigint[], p_versions int[]
) RETURNS boolean[]
LANGUAGE plpgsql AS $$
DECLARE
    unchanged bigint[];
BEGIN
    WITH met AS (
        INSERT INTO ordering_shopper AS s (province_id, sale_on, member_id, placed, orders)
        SELECT p_province, p_sale_on, w.member_id, w.version + 1, ARRAY[w.id]
        FROM unnest(p_members, p_ids, p_versions) AS w (member_id, id, version)
        ORDER BY w.member_id
        ON CONFLICT (province_id, sale_on, member_id)
            DO UPDATE SET placed = excluded.placed, orders = s.orders || excluded.orders
            WHERE s.placed = excluded.placed - 1
        RETURNING s.member_id
    )
    SELECT array_agg(met.member_id) INTO unchanged FROM met;
    IF cardinality(unchanged) = cardinality(p_members) THEN
        RETURN array_fill(true, ARRAY[cardinality(p_members)]);
    END IF;
    RETURN (
        SELECT array_agg(w.member_id = ANY(coalesce(unchanged, '{}')) ORDER BY w.place)
        FROM unnest(p_members) WITH ORDINALITY AS w (member_id, place)
    );
END
$$
"""

# Inserts the charges, orders, lines and events of the places that are wanted.
WRITE = f"""
CREATE FUNCTION ordering_write(
    {_DAY}, wanted boolean[], {_ORDERS}, {_LINES}
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    charges bigint[];
    subjects bigint[];
    payers bigint[];
    amounts bigint[];
    bodies text[];
BEGIN
    SELECT array_agg(w.charge_id), array_agg(w.id), array_agg(w.member_id), array_agg(w.amount), array_agg(w.body)
    INTO charges, subjects, payers, amounts, bodies
    FROM unnest(p_charges, p_ids, p_members, p_amounts, p_events) WITH ORDINALITY
        AS w (charge_id, id, member_id, amount, body, place)
    WHERE wanted[w.place];
    IF subjects IS NULL THEN
        RETURN;
    END IF;

    PERFORM payments_open_charges(
        p_province, 'order', p_now, charges, subjects, payers, amounts,
        array_fill(p_pay_by, ARRAY[cardinality(subjects)])
    );

    INSERT INTO ordering_order (
        id, province_id, number, member_id, point_id, basket_id, sale_on, collect_on, state, amount, refunded,
        charge_id, placed_at, pay_by, key_hash, content_hash
    )
    SELECT w.id, p_province, w.number, w.member_id, w.point_id, w.basket_id, p_sale_on, p_sale_on + 1, 'unpaid',
        w.amount, 0, w.charge_id, p_now, p_pay_by, w.key_hash, w.content_hash
    FROM unnest(p_ids, p_charges, p_members, p_points, p_baskets, p_numbers, p_amounts, p_keys, p_contents)
        WITH ORDINALITY
        AS w (id, charge_id, member_id, point_id, basket_id, number, amount, key_hash, content_hash, place)
    WHERE wanted[w.place];

    INSERT INTO ordering_orderline (
        id, province_id, order_id, offer_id, sku_id, quantity, cut, given_up, price, amount, refunded
    )
    SELECT w.id, p_province, p_ids[w.place], w.offer_id, w.sku_id, w.quantity, 0, 0, w.price, w.price * w.quantity, 0
    FROM unnest(l_ids, l_places, l_offers, l_skus, l_quantities, l_prices)
        AS w (id, place, offer_id, sku_id, quantity, price)
    WHERE wanted[w.place];

    PERFORM kernel_announce(p_province, p_now, 'ordering.OrderPlaced', bodies);
END
$$
"""

# One batch: docs/algorithms/intake.md. The arrays of orders are in the order of arrival, each member in them once.
# It answers the places of those orders that it did not take, and why.
TAKE_IN = f"""
CREATE FUNCTION ordering_take_in(
    {_DAY}, p_edition bigint, p_versions int[], {_ORDERS}, {_LINES}
) RETURNS TABLE (place int, outcome text, offers bigint[], lefts int[])
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    wanted boolean[];
    w_offers bigint[];
    w_units bigint[];
    is_written boolean := false;
BEGIN
    PERFORM 1 FROM ordering_saleday AS d
    WHERE d.province_id = p_province AND d.sale_on = p_sale_on AND d.state = 'open' FOR SHARE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT s.place, 'closed', NULL::bigint[], NULL::int[]
        FROM generate_subscripts(p_ids, 1) AS s (place);
        RETURN;
    END IF;

    wanted := ordering_meet_shoppers(p_province, p_sale_on, p_ids, p_members, p_versions);
    RETURN QUERY SELECT s.place, 'again', NULL::bigint[], NULL::int[]
    FROM generate_subscripts(p_ids, 1) AS s (place) WHERE NOT wanted[s.place];

    SELECT array_agg(w.offer_id), array_agg(w.units) INTO w_offers, w_units
    FROM (
        SELECT l.offer_id, sum(l.quantity) AS units
        FROM unnest(l_places, l_offers, l_quantities) AS l (place, offer_id, quantity)
        WHERE wanted[l.place] GROUP BY l.offer_id
    ) AS w;
    IF w_offers IS NULL THEN
        RETURN;
    END IF;

    IF pricing_in_sight(p_province, w_offers, w_units) THEN
        BEGIN
            PERFORM ordering_write(
                p_province, p_sale_on, p_now, p_pay_by, wanted, p_ids, p_charges, p_members, p_points, p_baskets,
                p_numbers, p_amounts, p_keys, p_contents, p_events, l_ids, l_places, l_offers, l_skus, l_quantities,
                l_prices
            );
            IF (SELECT count(*) FROM pricing_move_stock(p_province, w_offers, w_units)) < cardinality(w_offers) THEN
                RAISE EXCEPTION 'short' USING ERRCODE = 'LT002';
            END IF;
            is_written := true;
        EXCEPTION WHEN SQLSTATE 'LT002' THEN
            NULL;
        END;
    END IF;

    IF NOT is_written THEN
        RETURN QUERY SELECT * FROM ordering_take_scarce(
            p_province, p_sale_on, p_now, p_pay_by, wanted, p_ids, p_charges, p_members, p_points, p_baskets,
            p_numbers, p_amounts, p_keys, p_contents, p_events, l_ids, l_places, l_offers, l_skus, l_quantities,
            l_prices
        );
    END IF;

    IF pricing_edition(p_province, p_sale_on) <> p_edition THEN
        RAISE EXCEPTION 'stale' USING ERRCODE = 'LT001';
    END IF;
END
$$
"""

# Where goods are short: the stock is locked first and shared out, then written is what was granted.
TAKE_SCARCE = f"""
CREATE FUNCTION ordering_take_scarce(
    {_DAY}, wanted boolean[], {_ORDERS}, {_LINES}
) RETURNS TABLE (place int, outcome text, offers bigint[], lefts int[])
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    w_places int[];
    w_offers bigint[];
    w_units int[];
    refused record;
BEGIN
    SELECT array_agg(l.place), array_agg(l.offer_id), array_agg(l.quantity) INTO w_places, w_offers, w_units
    FROM unnest(l_places, l_offers, l_quantities) AS l (place, offer_id, quantity)
    WHERE wanted[l.place];
    FOR refused IN SELECT * FROM pricing_share_stock(p_province, w_places, w_offers, w_units) LOOP
        wanted[refused.place] := false;
        RETURN QUERY SELECT refused.place, 'sold_out', refused.offers, refused.lefts;
    END LOOP;

    PERFORM ordering_write(
        p_province, p_sale_on, p_now, p_pay_by, wanted, p_ids, p_charges, p_members, p_points, p_baskets, p_numbers,
        p_amounts, p_keys, p_contents, p_events, l_ids, l_places, l_offers, l_skus, l_quantities, l_prices
    );
    PERFORM pricing_move_stock(p_province, array_agg(g.offer_id), array_agg(g.units))
    FROM (
        SELECT l.offer_id, sum(l.quantity) AS units
        FROM unnest(l_places, l_offers, l_quantities) AS l (place, offer_id, quantity)
        WHERE wanted[l.place] GROUP BY l.offer_id
    ) AS g;
END
$$
"""
_ORDER_TYPES = "bigint[], bigint[], bigint[], bigint[], bigint[], text[], bigint[], bigint[], bigint[], text[]"
_LINE_TYPES = "bigint[], int[], bigint[], bigint[], int[], bigint[]"
_DAY_TYPES = "bigint, date, timestamptz, timestamptz"

#: An id that the lane takes stands for itself and those up to the next step.
BLOCK = 1000


def _in_blocks(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ALTER COLUMN id SET INCREMENT BY {BLOCK}",
        f"ALTER TABLE {table} ALTER COLUMN id SET INCREMENT BY 1;"
        f" SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT coalesce(max(id), 0) + {BLOCK} FROM {table}))",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("ordering", "0002_baskets"),
        ("kernel", "0002_announce"),
        ("payments", "0002_open_charges"),
        ("pricing", "0003_stock_functions"),
    ]

    operations = [
        migrations.AddField("order", "key_hash", models.BigIntegerField(null=True)),
        migrations.AddField("order", "content_hash", models.BigIntegerField(default=0)),
        # Keys of orders from before lie in kernel_commandrun as they were sent and cannot be hashed here: one that is sent
        # again across this release orders again. Their own id stands in for them.
        migrations.RunSQL("UPDATE ordering_order SET key_hash = id", migrations.RunSQL.noop),
        migrations.AlterField("order", "key_hash", models.BigIntegerField()),
        migrations.AlterField("order", "content_hash", models.BigIntegerField()),
        # The release before writes orders and shoppers without these columns, until it is gone.
        migrations.RunSQL(
            "ALTER TABLE ordering_order ALTER COLUMN key_hash SET DEFAULT floor(random() * 9e18)::bigint,"
            " ALTER COLUMN content_hash SET DEFAULT 0",
            "ALTER TABLE ordering_order ALTER COLUMN key_hash DROP DEFAULT, ALTER COLUMN content_hash DROP DEFAULT",
        ),
        migrations.AddConstraint(
            "order",
            models.UniqueConstraint(
                fields=["province_id", "member_id", "key_hash"], name="ordering_order_key"
            ),
        ),
        # The unique index on (province, member, key) finds a member's orders as well.
        migrations.RemoveIndex("order", "ordering_order_of_member"),
        # Numbers begin with month and day, which come again every year.
        migrations.RemoveConstraint("order", "ordering_order_number"),
        migrations.AddConstraint(
            "order",
            models.UniqueConstraint(
                fields=["province_id", "sale_on", "number"], name="ordering_order_number"
            ),
        ),
        migrations.AddField(
            "shopper", "orders", ArrayField(models.BigIntegerField(), default=list)
        ),
        migrations.RunSQL(
            "UPDATE ordering_shopper AS s SET orders = ARRAY("
            "    SELECT o.id FROM ordering_order AS o WHERE o.province_id = s.province_id"
            "    AND o.member_id = s.member_id AND o.sale_on = s.sale_on ORDER BY o.id)",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            "ALTER TABLE ordering_shopper ALTER COLUMN orders SET DEFAULT '{}'",
            "ALTER TABLE ordering_shopper ALTER COLUMN orders DROP DEFAULT",
        ),
        # Day first: the evening writes side by side, however many days there are.
        migrations.RemoveConstraint("shopper", "ordering_shopper_once"),
        migrations.AddConstraint(
            "shopper",
            models.UniqueConstraint(
                fields=["province_id", "sale_on", "member_id"], name="ordering_shopper_once"
            ),
        ),
        # The lines' unique index begins with the order, so the key's own index is one too many.
        migrations.AlterField(
            "orderline",
            "order",
            lintuan.kernel.shard.ShardFK(
                db_constraint=False, db_index=False, on_delete=models.PROTECT, related_name="lines", to="ordering.order"
            ),
        ),
        _in_blocks("ordering_order"),
        _in_blocks("ordering_orderline"),
        migrations.RunSQL(
            MEET, "DROP FUNCTION ordering_meet_shoppers(bigint, date, bigint[], bigint[], int[])"
        ),
        migrations.RunSQL(
            WRITE, f"DROP FUNCTION ordering_write({_DAY_TYPES}, boolean[], {_ORDER_TYPES}, {_LINE_TYPES})"
        ),
        migrations.RunSQL(
            TAKE_SCARCE,
            f"DROP FUNCTION ordering_take_scarce({_DAY_TYPES}, boolean[], {_ORDER_TYPES}, {_LINE_TYPES})",
        ),
        migrations.RunSQL(
            TAKE_IN, f"DROP FUNCTION ordering_take_in({_DAY_TYPES}, bigint, int[], {_ORDER_TYPES}, {_LINE_TYPES})"
        ),
    ]
