-- Who can work (OP20 para.7): what a visit saw, else whoever is of age and neither severely disabled nor seriously ill.
SELECT household_id, sum(CASE WHEN can THEN 1 ELSE 0 END) AS able_helpers
FROM (
    SELECT q.household_id,
        CASE WHEN v.work_ability IS NOT NULL THEN v.work_ability <> 'none'
             ELSE q.age >= 16 AND q.age < 60 AND NOT coalesce(d.severe_disabled, false) AND NOT coalesce(l.serious_disease, false) END AS can
    FROM (SELECT person_id, household_id, age FROM person WHERE alive) q
    LEFT JOIN absence a ON a.person_id = q.person_id
    LEFT JOIN visit v ON v.person_id = q.person_id
    LEFT JOIN disability d ON d.person_id = q.person_id
    LEFT JOIN serious_illness l ON l.person_id = q.person_id
    WHERE a.person_id IS NULL
) p
GROUP BY household_id
