-- Where lists that pay people say that they live, beside the register. Other villages of one township are no
-- contradiction: lists are often kept at the township.
SELECT
    p.person_id,
    p.region_code AS registered_region,
    s.subsidy_region,
    r.roster_region,
    coalesce(substr(s.subsidy_region, 1, 9) <> substr(p.region_code, 1, 9), false)
        OR coalesce(substr(r.roster_region, 1, 9) <> substr(p.region_code, 1, 9), false) AS region_disputed
FROM (
    SELECT person_id FROM welfare_subsidy WHERE status = 'active'
    UNION
    SELECT person_id FROM assistance_roster WHERE start_date <= $as_of AND coalesce(end_date >= $as_of, true)
) k
JOIN (SELECT person_id, region_code FROM person WHERE alive) p ON p.person_id = k.person_id
LEFT JOIN (
    SELECT person_id, max(region_code) AS subsidy_region
    FROM welfare_subsidy
    WHERE status = 'active'
    GROUP BY person_id
) s ON s.person_id = p.person_id
LEFT JOIN (
    SELECT person_id, max(region_code) AS roster_region
    FROM assistance_roster
    WHERE start_date <= $as_of AND coalesce(end_date >= $as_of, true)
    GROUP BY person_id
) r ON r.person_id = p.person_id
