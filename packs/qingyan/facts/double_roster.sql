-- One person in one programme of two counties on the same day.
SELECT person_id, true AS on_two_rosters
FROM (
    SELECT person_id
    FROM assistance_roster
    WHERE programme <> 'temporary' AND start_date <= $as_of AND (end_date IS NULL OR end_date >= $as_of)
    GROUP BY person_id, programme
    HAVING min(substr(region_code, 1, 6)) <> max(substr(region_code, 1, 6))
) d
GROUP BY person_id
