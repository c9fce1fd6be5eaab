-- Residents' insurance left unpaid for a year or longer: medical by the year, pension by the month.
SELECT
    person_id,
    bool_or(medical) AS medical_unpaid_year,
    sum(months) AS pension_unpaid_months
FROM (
    SELECT m.person_id, true AS medical, 0 AS months
    FROM (
        SELECT person_id FROM medical_enrolment
        WHERE scheme = 'resident' AND status = 'arrears' AND year = CAST(date_part('year', $as_of) AS BIGINT) - 1
    ) m
    LEFT JOIN (
        SELECT person_id FROM medical_enrolment
        WHERE status = 'active' AND year >= CAST(date_part('year', $as_of) AS BIGINT) - 1
    ) paid ON paid.person_id = m.person_id
    WHERE paid.person_id IS NULL
    UNION ALL
    SELECT person_id, false, count(DISTINCT month)
    FROM social_insurance
    WHERE scheme = 'res_pension' AND pay_status = 'arrears'
      AND month >= date_trunc('month', $as_of) - INTERVAL '24 months' AND month < date_trunc('month', $as_of)
    GROUP BY person_id
) k
GROUP BY person_id
