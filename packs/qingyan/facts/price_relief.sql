-- Households to whom the price subsidy is due while the newest published index of their region (the nearest that has one)
-- is at the line.
WITH newest AS (
    SELECT region, cpi_yoy_permille, food_yoy_permille, published_on
    FROM (
        SELECT region, cpi_yoy_permille, food_yoy_permille, published_on,
            row_number() OVER (PARTITION BY region ORDER BY month DESC, published_on DESC, _batch DESC, _row DESC) AS place
        FROM price_index
        WHERE published_on <= $as_of
    ) i
    WHERE place = 1
),
entitled AS (
    SELECT h.household_id, max(h.county_code) AS county_code
    FROM (
        SELECT person_id FROM roster WHERE paid_monthly
        UNION ALL
        SELECT person_id FROM children WHERE child_supported
        UNION ALL
        SELECT person_id FROM insurance WHERE unemployment_benefit
    ) e
    JOIN (SELECT person_id, household_id, county_code FROM person WHERE alive) h ON h.person_id = e.person_id
    GROUP BY h.household_id
)
SELECT
    household_id,
    true AS price_relief_due,
    cpi AS cpi_yoy_permille,
    food AS food_yoy_permille,
    published_on AS index_published_on
FROM (
    SELECT e.household_id,
        coalesce(c.published_on, b.published_on, a.published_on) AS published_on,
        CASE WHEN c.region IS NOT NULL THEN c.cpi_yoy_permille
             WHEN b.region IS NOT NULL THEN b.cpi_yoy_permille ELSE a.cpi_yoy_permille END AS cpi,
        CASE WHEN c.region IS NOT NULL THEN c.food_yoy_permille
             WHEN b.region IS NOT NULL THEN b.food_yoy_permille ELSE a.food_yoy_permille END AS food
    FROM entitled e
    LEFT JOIN newest c ON c.region = e.county_code
    LEFT JOIN newest b ON b.region = substr(e.county_code, 1, 4) || '00000000'
    LEFT JOIN newest a ON a.region = substr(e.county_code, 1, 2) || '0000000000'
) k
WHERE published_on > $as_of - INTERVAL '1 month' AND (cpi >= $price_trigger_cpi OR food >= $price_trigger_food)
