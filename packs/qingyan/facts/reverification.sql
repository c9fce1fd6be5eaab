-- Classes of section 6 (OP20 para.7; DB57 art.31): A nobody can work; B those who can have a steady job with insurance
-- or are at school; C somebody can work without one.
SELECT
    household_id,
    able AS able_helpers,
    CASE WHEN able = 0 THEN 'A' WHEN able = steady THEN 'B' ELSE 'C' END AS reverification_class,
    CASE WHEN able > steady THEN $reverify_months_unstable ELSE $reverify_months_stable END AS reverification_months
FROM (
    SELECT
        p.household_id, p.county_code,
        sum(CASE WHEN p.can THEN 1 ELSE 0 END) AS able,
        sum(CASE WHEN p.can AND (i.insured_wage_month > 0 OR s.student_stage IS NOT NULL) THEN 1 ELSE 0 END) AS steady
    FROM (
        SELECT q.person_id, q.household_id, q.county_code,
            CASE WHEN v.work_ability IS NOT NULL THEN v.work_ability <> 'none'
                 ELSE q.age >= 16 AND q.age < 60 AND NOT coalesce(d.severe_disabled, false) AND NOT coalesce(l.serious_disease, false) END AS can
        FROM (SELECT person_id, household_id, county_code, age FROM person WHERE alive) q
        LEFT JOIN absence a ON a.person_id = q.person_id
        LEFT JOIN visit v ON v.person_id = q.person_id
        LEFT JOIN disability d ON d.person_id = q.person_id
        LEFT JOIN serious_illness l ON l.person_id = q.person_id
        WHERE a.person_id IS NULL
    ) p
    LEFT JOIN insurance i ON i.person_id = p.person_id
    LEFT JOIN school s ON s.person_id = p.person_id
    GROUP BY p.household_id, p.county_code
) k
