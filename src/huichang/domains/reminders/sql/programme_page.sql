-- The cars of one table of the first three services, those due first on top (TSP-12, TSP-14, TSP-15).
-- dealer_id bigint, car_id bigint (null: all), done int (services had: 0, 1, 2), since date (sold on or after), advisor text
-- ('' for all), service_words text, after_day date, after_id bigint (null: from the first), most int → a row a car
WITH followed AS (
    SELECT c.id, c.dealer_id, c.plate, c.place_of_use, c.sales_advisor_name, v.series, f.customer_id, f.km_per_day,
        f.base_km, f.service_due_date, f.service_time_date, f.service_kind,
        coalesce(v.sale_date, v.registration_date, v.warranty_start_date) AS sold_on
    FROM customers_car c
    JOIN vehicles_vehicle v ON v.id = c.vehicle_id
    JOIN reminders_carforecast f ON f.car_id = c.id
    WHERE c.dealer_id = %(dealer_id)s AND f.is_active AND f.service_due_date IS NOT NULL
        AND coalesce(v.sale_date, v.registration_date, v.warranty_start_date) >= %(since)s
        AND (f.service_kind = 'first_service') = (%(done)s = 0)
        AND (%(car_id)s::bigint IS NULL OR c.id = %(car_id)s)
        AND (%(advisor)s = '' OR c.sales_advisor_name = %(advisor)s)
        AND (%(after_day)s::date IS NULL OR (f.service_due_date, c.id) > (%(after_day)s::date, %(after_id)s::bigint))
)
SELECT h.*, person.name AS customer, served.services, served.first_at, last.arrived_at AS last_at, last.km AS last_km,
    last.advisor_name, last.technician_name, next.id AS booking_id, next.starts_at AS booked_at,
    next.status AS booking_status, card.talked_at, card.talked_by_name, card.planned_date, card.note, card.wanted_at,
    card.asked_at, card.asked_by_name, card.answer, card.answered_at, card.answered_by_name,
    coalesce(card.satisfaction, '') AS satisfaction, card.satisfaction_note, card.next_reminder_date
FROM followed h
LEFT JOIN customers_customer person ON person.id = h.customer_id
LEFT JOIN reminders_programmecard card ON card.car_id = h.id
CROSS JOIN LATERAL (
    SELECT count(DISTINCT (o.arrived_at AT TIME ZONE 'Asia/Shanghai')::date) AS services, min(o.arrived_at) AS first_at
    FROM workshop_serviceorder o
    WHERE o.car_id = h.id AND o.business_type ~* %(service_words)s AND o.arrived_at >= h.sold_on
) served
LEFT JOIN LATERAL (
    SELECT o.arrived_at, o.km, o.advisor_name, o.technician_name FROM workshop_serviceorder o
    WHERE o.car_id = h.id AND o.business_type ~* %(service_words)s AND o.arrived_at >= h.sold_on
    ORDER BY o.arrived_at DESC LIMIT 1
) last ON true
LEFT JOIN LATERAL (
    SELECT b.id, b.starts_at, b.status FROM appointments_booking b
    WHERE b.dealer_id = h.dealer_id AND b.car_id = h.id AND b.status IN ('tentative', 'prepared', 'confirmed')
    ORDER BY b.starts_at LIMIT 1
) next ON true
WHERE %(done)s = 0 OR served.services = %(done)s
ORDER BY h.service_due_date, h.id LIMIT %(most)s
