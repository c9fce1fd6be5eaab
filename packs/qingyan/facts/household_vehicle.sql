-- Vehicles of counted members. Scooters for disabled people are exempt; operating vehicles earn a living.
SELECT
    household_id,
    sum(registered) AS vehicle_count,
    sum(private) AS private_vehicle_count,
    coalesce(max(value), 0) AS vehicle_value_max,
    -- A car that was declared and is not registered: nobody has said what it is used for.
    sum(no_value) AS vehicle_no_value_count,
    sum(no_use) + CASE WHEN sum(registered) = 0 AND coalesce(max(value), 0) > 0 THEN 1 ELSE 0 END AS vehicle_no_use_count
FROM (
    SELECT
        p.household_id,
        1 AS registered,
        CASE WHEN c.usage = 'private' THEN 1 ELSE 0 END AS private,
        c.est_value AS value,
        CASE WHEN c.est_value IS NULL THEN 1 ELSE 0 END AS no_value,
        CASE WHEN c.usage IS NULL THEN 1 ELSE 0 END AS no_use
    FROM vehicle c
    JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = c.owner_person_id
    LEFT JOIN absence a ON a.person_id = c.owner_person_id
    WHERE c.status <> 'scrapped' AND coalesce(c.usage, '') <> 'disability' AND c.first_reg_date <= $as_of
      AND a.person_id IS NULL
    UNION ALL
    SELECT household_id, 0, 0, declared_vehicle_value, 0, 0
    FROM household_declared
    WHERE declared_vehicle_value IS NOT NULL
) k
GROUP BY household_id
