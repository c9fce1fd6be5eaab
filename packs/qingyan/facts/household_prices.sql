-- The index that was published last, of the county or else of its city; one older than three months says nothing of today.
WITH newest AS (
    SELECT region, cpi_yoy_permille, food_yoy_permille,
        row_number() OVER (PARTITION BY region ORDER BY month DESC, _batch DESC, _row DESC) AS place
    FROM price_index
    WHERE published_on <= $as_of AND month >= date_trunc('month', $as_of) - INTERVAL '3 months'
)
SELECT
    h.household_id,
    coalesce(c.cpi_yoy_permille, b.cpi_yoy_permille) AS prices_up,
    CASE WHEN c.region IS NOT NULL THEN c.food_yoy_permille ELSE b.food_yoy_permille END AS food_prices_up
FROM (SELECT household_id, county_code, substr(county_code, 1, 4) || '00000000' AS city_code FROM household) h
LEFT JOIN (SELECT region, cpi_yoy_permille, food_yoy_permille FROM newest WHERE place = 1) c ON c.region = h.county_code
LEFT JOIN (SELECT region, cpi_yoy_permille, food_yoy_permille FROM newest WHERE place = 1) b ON b.region = h.city_code
