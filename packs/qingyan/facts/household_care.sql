-- The most of the six self-care items (TK art.21) that a member of the household fails, as visits found.
SELECT p.household_id, max(v.self_care_fail) AS most_self_care_fail
FROM (SELECT person_id, self_care_fail FROM visit WHERE self_care_fail IS NOT NULL) v
JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = v.person_id
GROUP BY p.household_id
