-- Students of the household. Compulsory school costs nothing that counts; special and vocational schools may be private
-- for want of a public one.
SELECT
    p.household_id,
    count(*) AS students,
    sum(CASE WHEN s.student_stage IN ('preschool', 'senior', 'vocational', 'college', 'undergraduate') THEN 1 ELSE 0 END)
        AS students_beyond_compulsory,
    sum(CASE WHEN s.school_nature = 'private' AND s.student_stage IN ('special', 'vocational')
             THEN greatest(s.school_fee_year - s.school_aid_year, 0) ELSE 0 END) AS private_school_cost
FROM (
    SELECT person_id, student_stage, school_nature, school_fee_year, school_aid_year
    FROM school
    WHERE student_stage IS NOT NULL
) s
JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = s.person_id
LEFT JOIN absence a ON a.person_id = s.person_id
WHERE a.person_id IS NULL
GROUP BY p.household_id
