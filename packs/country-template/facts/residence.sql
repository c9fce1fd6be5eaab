-- The rent of this month; the housing tax looks at January of the year.
SELECT
    household_id,
    sum(CASE WHEN month = date_trunc('month', $as_of) THEN coalesce(rent, 0) END) AS rent,
    max(CASE WHEN month = date_trunc('year', $as_of) THEN occupancy END) AS occupancy_january,
    max(CASE WHEN month = date_trunc('year', $as_of) THEN size_sqm END) AS size_january
FROM housing
WHERE month >= date_trunc('year', $as_of) AND month <= $as_of
GROUP BY household_id
