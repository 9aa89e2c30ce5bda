-- The triggers that keep balances and totals equal to the ledger, whoever writes it. They run with the rights of the
-- writer, so row security binds them. Installed by kernel.secure.apply().

-- Every movement moves its balance, and in a pickable place the part's total. The rows are made first and then updated:
-- a check constraint looks at the row an upsert proposes before it looks for the one that is there.
CREATE OR REPLACE FUNCTION parts_keep_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO parts_stockbalance (dealer_id, part_id, bin_id, on_hand, overdraft)
    SELECT DISTINCT dealer_id, part_id, bin_id, 0, 0 FROM added ORDER BY part_id, bin_id
    ON CONFLICT (part_id, bin_id) DO NOTHING;
    UPDATE parts_stockbalance held SET
        on_hand = held.on_hand + moved.quantity,
        overdraft = CASE
            WHEN held.on_hand + moved.quantity >= 0 THEN 0
            WHEN moved.permitted OR held.on_hand + moved.quantity >= -held.overdraft
                THEN -(held.on_hand + moved.quantity)
            ELSE held.overdraft END
    FROM (SELECT part_id, bin_id, sum(quantity) AS quantity, bool_or(may_overdraw) AS permitted
          FROM added GROUP BY part_id, bin_id) moved
    WHERE held.part_id = moved.part_id AND held.bin_id = moved.bin_id;

    INSERT INTO parts_stocktotal (dealer_id, part_id, on_hand, reserved)
    SELECT DISTINCT dealer_id, part_id, 0, 0 FROM added ORDER BY part_id
    ON CONFLICT (part_id) DO NOTHING;
    UPDATE parts_stocktotal total SET on_hand = total.on_hand + moved.quantity
    FROM (SELECT added.part_id, sum(added.quantity) AS quantity
          FROM added JOIN parts_bin place ON place.id = added.bin_id AND place.is_pickable
          GROUP BY added.part_id) moved
    WHERE total.part_id = moved.part_id AND moved.quantity <> 0;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER keep_balances AFTER INSERT ON parts_stockmovement
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION parts_keep_balances();

-- What is reserved is the sum of the reservations in that state.
CREATE OR REPLACE FUNCTION parts_keep_reserved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO parts_stocktotal (dealer_id, part_id, on_hand, reserved)
        SELECT DISTINCT dealer_id, part_id, 0, 0 FROM after ORDER BY part_id
        ON CONFLICT (part_id) DO NOTHING;
        UPDATE parts_stocktotal total SET reserved = total.reserved + changed.quantity
        FROM (SELECT part_id, sum(quantity) AS quantity FROM after WHERE status = 'reserved' GROUP BY part_id) changed
        WHERE total.part_id = changed.part_id;
    ELSIF TG_OP = 'DELETE' THEN
        UPDATE parts_stocktotal total SET reserved = total.reserved - changed.quantity
        FROM (SELECT part_id, sum(quantity) AS quantity FROM before WHERE status = 'reserved' GROUP BY part_id) changed
        WHERE total.part_id = changed.part_id;
    ELSE
        UPDATE parts_stocktotal total SET reserved = total.reserved + changed.quantity
        FROM (SELECT part_id, sum(quantity) AS quantity FROM (
                SELECT part_id, quantity FROM after WHERE status = 'reserved'
                UNION ALL SELECT part_id, -quantity FROM before WHERE status = 'reserved') both_sides
              GROUP BY part_id HAVING sum(quantity) <> 0) changed
        WHERE total.part_id = changed.part_id;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER keep_reserved_on_insert AFTER INSERT ON parts_reservation
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION parts_keep_reserved();
CREATE OR REPLACE TRIGGER keep_reserved_on_update AFTER UPDATE ON parts_reservation
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION parts_keep_reserved();
CREATE OR REPLACE TRIGGER keep_reserved_on_delete AFTER DELETE ON parts_reservation
    REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION parts_keep_reserved();
