-- Homes bought or given up by counted members within 12 months. A first entry with a price is a new home bought;
-- without one it is an old home registered at last.
SELECT
    p.household_id,
    count(*) AS property_deals_12m,
    max(r.reg_date) AS last_property_deal
FROM (
    SELECT holder_person_id, reg_date
    FROM real_estate
    WHERE usage = 'residence' AND (event IN ('transfer', 'cancel') OR (event = 'first' AND price > 0))
      AND reg_date > $as_of - INTERVAL '12 months' AND reg_date <= $as_of
) r
JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = r.holder_person_id
LEFT JOIN absence a ON a.person_id = r.holder_person_id
WHERE a.person_id IS NULL
GROUP BY p.household_id
