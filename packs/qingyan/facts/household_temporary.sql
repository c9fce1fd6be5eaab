-- Awards, counted by case: one case may name several members.
SELECT
    p.household_id,
    count(DISTINCT r.case_no) AS temporary_awards_12m,
    bool_or(coalesce(r.end_date >= $as_of, true)) AS temporary_open
FROM (
    SELECT person_id, case_no, end_date
    FROM assistance_roster
    WHERE programme = 'temporary' AND start_date <= $as_of AND start_date > $as_of - INTERVAL '12 months'
) r
JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = r.person_id
GROUP BY p.household_id
