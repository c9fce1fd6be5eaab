-- Counted members with a valid certificate, by what the services ask: which help fits which disability.
SELECT
    p.household_id,
    count(*) AS disabled_members,
    sum(CASE WHEN c.severe_disabled THEN 1 ELSE 0 END) AS severely_disabled_members,
    sum(CASE WHEN p.age <= $child_rehab_age THEN 1 ELSE 0 END) AS disabled_children,
    sum(CASE WHEN c.disability_kind = 'mental' THEN 1 ELSE 0 END) AS mentally_disabled_members,
    sum(CASE WHEN c.disability_kind IN ('limb', 'visual', 'multiple') THEN 1 ELSE 0 END) AS movement_disabled_members,
    sum(CASE WHEN c.disability_kind IN ('limb', 'visual', 'hearing', 'multiple') THEN 1 ELSE 0 END) AS device_disabled_members,
    sum(CASE WHEN c.disability_kind IN ('hearing', 'visual', 'speech', 'multiple') THEN 1 ELSE 0 END) AS sense_disabled_members,
    sum(CASE WHEN p.age >= $work_age_from AND p.age < $work_age_until
                  AND (c.disability_grade >= 3 OR c.disability_kind = 'intellectual') THEN 1 ELSE 0 END) AS supported_work_members
FROM disability c
JOIN (SELECT person_id, household_id, age FROM person WHERE alive) p ON p.person_id = c.person_id
LEFT JOIN absence a ON a.person_id = c.person_id
WHERE c.certificate_valid AND a.person_id IS NULL
GROUP BY p.household_id
