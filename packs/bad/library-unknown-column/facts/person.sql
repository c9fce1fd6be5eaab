-- everybody in the register who has not moved away
SELECT person_id,
       household_id,
       substr(region_code, 1, 6) || '000000' AS county_code,
       region_code,
       'urban' AS area,
       CAST(date_part('year', $as_of) - date_part('year', birth_date)
            - CASE WHEN date_part('doy', $as_of) < date_part('doy', birth_date) THEN 1 ELSE 0 END AS BIGINT) AS age,
       wage
FROM household_register
WHERE status = 'normal'
