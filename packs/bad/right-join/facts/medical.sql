-- what everybody at home paid for treatment in the last twelve months
SELECT p.household_id,
       sum(m.out_of_pocket) AS medical_cost_12m
FROM medical_settlement m
RIGHT JOIN person p ON p.person_id = m.person_id
WHERE m.settle_date > $as_of - INTERVAL '12 months'
  AND m.settle_date <= $as_of
GROUP BY p.household_id
