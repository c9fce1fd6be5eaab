SELECT p.household_id, sum(m.wage_counted_month) AS wages
FROM means m
JOIN (SELECT person_id, household_id FROM person) p ON p.person_id = m.person_id
GROUP BY p.household_id
