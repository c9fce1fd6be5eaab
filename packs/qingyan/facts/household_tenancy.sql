-- The rent of public homes that counted members have now. A rent that the bureau left empty stays unknown.
SELECT p.household_id, sum(h.rent_month) AS public_rent_month
FROM (
    SELECT applicant_person_id, rent_month
    FROM housing_security
    WHERE kind = 'public_rental' AND (start_date IS NULL OR start_date <= $as_of) AND (end_date IS NULL OR end_date >= $as_of)
) h
JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = h.applicant_person_id
LEFT JOIN absence a ON a.person_id = h.applicant_person_id
WHERE a.person_id IS NULL
GROUP BY p.household_id
