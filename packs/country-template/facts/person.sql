-- Ages are those of the first day of the month, in completed years.
SELECT
    person_id, household_id,
    substr(region_code, 1, 6) || '000000' AS county_code, region_code, 'urban' AS area,
    CAST(date_part('year', $as_of) AS BIGINT) - CAST(date_part('year', birth_date) AS BIGINT)
        - CASE WHEN date_part('month', $as_of) * 100 + 1
                    < date_part('month', birth_date) * 100 + date_part('day', birth_date)
               THEN 1 ELSE 0 END AS age,
    role
FROM population_register
WHERE birth_date <= $as_of
