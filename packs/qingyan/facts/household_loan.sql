-- The provident fund's accounts as they stand: the longest arrears on a housing loan of a counted member.
SELECT
    p.household_id,
    max(f.overdue_months) AS loan_overdue_months
FROM (SELECT person_id, overdue_months FROM provident_fund WHERE overdue_months > 0) f
JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = f.person_id
LEFT JOIN absence a ON a.person_id = f.person_id
WHERE a.person_id IS NULL
GROUP BY p.household_id
