SELECT person_id, sum(salary) AS salary
FROM payroll
WHERE month = date_trunc('month', $as_of)
GROUP BY person_id
