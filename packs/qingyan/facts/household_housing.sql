-- The newest survey of the house (the worst grade of that day) and the housing programmes that run for a counted member.
SELECT
    household_id,
    max(CASE WHEN house_grade IS NOT NULL AND start_date = surveyed THEN house_grade END) AS house_grade,
    max(CASE WHEN house_grade IS NOT NULL AND start_date = surveyed THEN start_date END) AS house_surveyed_on,
    coalesce(max(CASE WHEN house_grade IN ('C', 'D') AND start_date = surveyed AND is_open THEN start_date END)
        > $as_of - INTERVAL '12 months', false) AS house_found_dangerous,
    bool_or(kind = 'public_rental' AND is_open) AS public_rental,
    bool_or(kind = 'rent_subsidy' AND is_open) AS rent_subsidised,
    bool_or(kind = 'dilapidated' AND is_open) AS house_in_repair
FROM (
    SELECT
        p.household_id, h.kind, h.house_grade, h.start_date,
        h.end_date IS NULL OR h.end_date >= $as_of AS is_open,
        max(CASE WHEN h.house_grade IS NOT NULL THEN h.start_date END) OVER (PARTITION BY p.household_id) AS surveyed
    FROM housing_security h
    JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = h.applicant_person_id
    LEFT JOIN absence a ON a.person_id = h.applicant_person_id
    WHERE a.person_id IS NULL AND (h.start_date IS NULL OR h.start_date <= $as_of)
) k
GROUP BY household_id
