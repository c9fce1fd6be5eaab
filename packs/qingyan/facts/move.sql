-- People on the roster of one county whose registration has lately gone to another.
SELECT person_id, registered_on AS moved_on, region_code AS moved_to,
    registered_on > $as_of - INTERVAL '90 days' AS moved_county_90d
FROM (
    SELECT r.person_id, r.reg_region_code AS region_code, CAST(r.update_time AS DATE) AS registered_on, h.first_county, h.last_county,
        row_number() OVER (PARTITION BY r.person_id ORDER BY r.update_time DESC, r._batch DESC, r._row DESC) AS place
    FROM (
        SELECT person_id, min(substr(region_code, 1, 6)) AS first_county, max(substr(region_code, 1, 6)) AS last_county
        FROM assistance_roster
        WHERE programme <> 'temporary' AND start_date <= $as_of AND (end_date IS NULL OR end_date >= $as_of)
        GROUP BY person_id
    ) h
    -- Whoever has a younger row has a newest one that is younger: few of the register are looked at.
    JOIN (SELECT person_id, reg_region_code, update_time, _batch, _row FROM household_register
          WHERE CAST(update_time AS DATE) > $as_of - INTERVAL '90 days') r
        ON r.person_id = h.person_id
) k
WHERE place = 1 AND (first_county <> substr(region_code, 1, 6) OR last_county <> substr(region_code, 1, 6))
