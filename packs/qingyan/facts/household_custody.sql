SELECT
    p.household_id,
    sum(CASE WHEN c.custody_is_new THEN 1 ELSE 0 END) AS custody_entries_90d,
    max(c.custody_start) AS last_custody_start
FROM custody c
JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = c.person_id
WHERE c.in_custody
GROUP BY p.household_id
