-- Medical insurance of the current year. Enrolled in either scheme counts.
SELECT
    person_id,
    bool_or(status = 'active') AS insured,
    CASE WHEN bool_or(status = 'active' AND scheme = 'employee') THEN 'employee'
         WHEN bool_or(status = 'active') THEN 'resident' END AS insured_scheme,
    NOT bool_or(status = 'active') AND bool_or(status IN ('stopped', 'arrears')) AS insurance_lapsed
FROM medical_enrolment
WHERE year = CAST(date_part('year', $as_of) AS BIGINT)
GROUP BY person_id
