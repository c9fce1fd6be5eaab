-- Rent owed for public rental housing that a counted member has now.
SELECT
    p.household_id,
    max(h.arrears_months) AS rent_arrears_months
FROM (
    SELECT applicant_person_id, arrears_months
    FROM housing_security
    WHERE kind = 'public_rental' AND arrears_months > 0
      AND (start_date IS NULL OR start_date <= $as_of) AND (end_date IS NULL OR end_date >= $as_of)
) h
JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = h.applicant_person_id
LEFT JOIN absence a ON a.person_id = h.applicant_person_id
WHERE a.person_id IS NULL
GROUP BY p.household_id
