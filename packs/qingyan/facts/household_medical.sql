-- Costs of everybody of the household in the last 12 months, also of those who have since died.
SELECT
    p.household_id,
    sum(m.oop_12m) AS household_oop_12m,
    sum(m.oop_3m) AS household_oop_3m,
    sum(m.oop_prev_9m) AS household_oop_prev_9m,
    sum(CASE WHEN p.alive AND a.person_id IS NULL THEN m.oop_policy_12m ELSE 0 END) AS household_oop_policy_12m
FROM medical m
JOIN person p ON p.person_id = m.person_id
LEFT JOIN absence a ON a.person_id = m.person_id
GROUP BY p.household_id
