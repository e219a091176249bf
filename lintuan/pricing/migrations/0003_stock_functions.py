from django.db import migrations

# The rows are locked in the order of offer ids by the inner query; the outer one moves what fits.
MOVE = """
CREATE FUNCTION pricing_move_stock(p_province bigint, p_offers bigint[], p_units bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    UPDATE pricing_stock AS s SET taken = s.taken + u.units
    FROM (
        SELECT k.offer_id, w.units
        FROM pricing_stock AS k JOIN unnest(p_offers, p_units) AS w (offer_id, units) ON w.offer_id = k.offer_id
        WHERE k.province_id = p_province
        ORDER BY k.offer_id
        FOR NO KEY UPDATE OF k
    ) AS u
    WHERE s.province_id = p_province AND s.offer_id = u.offer_id AND s.taken + u.units BETWEEN 0 AND s.capacity
    RETURNING s.offer_id;
END
$$
"""

# Whether all of this is in sight, without a lock: a hint, never a promise.
IN_SIGHT = """
CREATE FUNCTION pricing_in_sight(p_province bigint, p_offers bigint[], p_units bigint[]) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT 1
        FROM unnest(p_offers, p_units) AS w (offer_id, units)
        LEFT JOIN pricing_stock AS s ON s.offer_id = w.offer_id AND s.province_id = p_province
        WHERE s.offer_id IS NULL OR w.units > s.capacity - s.taken
    );
END
$$
"""

# Locks the stock and answers the places of baskets that cannot be had whole, each with what is left of what it lacks.
SHARE = """
CREATE FUNCTION pricing_share_stock(p_province bigint, p_places int[], p_offers bigint[], p_units int[])
RETURNS TABLE (place int, offers bigint[], lefts int[])
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    known bigint[];
    remains int[];
    basket record;
    fits boolean;
    at int;
BEGIN
    SELECT array_agg(k.offer_id ORDER BY k.offer_id), array_agg(k.remains ORDER BY k.offer_id) INTO known, remains
    FROM (
        SELECT s.offer_id, s.capacity - s.taken AS remains
        FROM pricing_stock AS s
        WHERE s.province_id = p_province AND s.offer_id = ANY(p_offers)
        ORDER BY s.offer_id
        FOR NO KEY UPDATE OF s
    ) AS k;
    FOR basket IN
        SELECT w.place, array_agg(w.offer_id) AS offers, array_agg(w.units) AS units,
            array_agg(array_position(known, w.offer_id)) AS ats
        FROM unnest(p_places, p_offers, p_units) AS w (place, offer_id, units)
        GROUP BY w.place ORDER BY w.place
    LOOP
        fits := true;
        place := basket.place;
        offers := '{}';
        lefts := '{}';
        FOR line IN 1 .. cardinality(basket.offers) LOOP
            at := basket.ats[line];
            IF at IS NULL OR basket.units[line] > remains[at] THEN
                fits := false;
                offers := offers || basket.offers[line];
                lefts := lefts || CASE WHEN at IS NULL THEN 0 ELSE remains[at] END;
            END IF;
        END LOOP;
        IF fits THEN
            FOR line IN 1 .. cardinality(basket.offers) LOOP
                at := basket.ats[line];
                remains[at] := remains[at] - basket.units[line];
            END LOOP;
        ELSE
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$
"""

EDITION = """
CREATE FUNCTION pricing_edition(p_province bigint, p_sale_on date) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    RETURN coalesce(
        (SELECT e.number FROM pricing_shelfedition AS e WHERE e.province_id = p_province AND e.sale_on = p_sale_on), 0
    );
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("pricing", "0002_offer_add_per_life_limit")]

    operations = [
        migrations.RunSQL(MOVE, "DROP FUNCTION pricing_move_stock(bigint, bigint[], bigint[])"),
        migrations.RunSQL(IN_SIGHT, "DROP FUNCTION pricing_in_sight(bigint, bigint[], bigint[])"),
        migrations.RunSQL(SHARE, "DROP FUNCTION pricing_share_stock(bigint, int[], bigint[], int[])"),
        migrations.RunSQL(EDITION, "DROP FUNCTION pricing_edition(bigint, date)"),
    ]
