-- Weeks begin on Monday.
SELECT p.household_id, sum(w.pay) AS earnings_2_weeks
FROM weekly_payroll w
JOIN person p ON p.person_id = w.person_id
WHERE w.week_start >= date_trunc('week', $as_of) - INTERVAL '14 days' AND w.week_start < date_trunc('week', $as_of)
GROUP BY p.household_id
