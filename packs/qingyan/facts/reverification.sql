-- Classes of section 6 (OP20 para.7; DB57 art.31): A nobody can work; B those who can have a steady job with insurance
-- or are at school; C somebody can work without one. Who is of working age is counted by household; only of whom some
-- list or a visit says more is looked at one by one.
SELECT
    household_id,
    able AS able_helpers,
    CASE WHEN able = 0 THEN 'A' WHEN able = steady THEN 'B' ELSE 'C' END AS reverification_class,
    CASE WHEN able > steady THEN $reverify_months_unstable ELSE $reverify_months_stable END AS reverification_months
FROM (
    SELECT
        h.household_id, h.county_code,
        h.working_age + coalesce(e.more, 0) AS able,
        coalesce(e.steady, 0) AS steady
    FROM (SELECT household_id, county_code, working_age FROM household WHERE size > 0) h
    LEFT JOIN (
        SELECT
            household_id,
            sum(CASE WHEN can AND NOT of_age THEN 1 WHEN of_age AND NOT can THEN -1 ELSE 0 END) AS more,
            sum(CASE WHEN can AND steady THEN 1 ELSE 0 END) AS steady
        FROM (
            SELECT p.household_id, p.of_age, s.steady,
                CASE WHEN s.found IS NOT NULL THEN s.found <> 'none' ELSE p.of_age AND NOT s.ill END AS can
            FROM (
                SELECT person_id, max(found) AS found, bool_or(ill) AS ill, bool_or(steady) AS steady
                FROM (
                    SELECT person_id, CAST(NULL AS VARCHAR) AS found, true AS ill, false AS steady
                    FROM disability WHERE severe_disabled
                    UNION ALL
                    SELECT person_id, CAST(NULL AS VARCHAR), true, false FROM serious_illness WHERE serious_disease
                    UNION ALL
                    SELECT person_id, work_ability, false, false FROM visit WHERE work_ability IS NOT NULL
                    UNION ALL
                    SELECT person_id, CAST(NULL AS VARCHAR), false, true FROM insurance WHERE insured_wage_month > 0
                    UNION ALL
                    SELECT person_id, CAST(NULL AS VARCHAR), false, true FROM school WHERE student_stage IS NOT NULL
                ) k
                GROUP BY person_id
            ) s
            JOIN (
                SELECT person_id, household_id, coalesce(age >= $work_age_from AND age < $work_age_until, false) AS of_age
                FROM person
                WHERE alive
            ) p ON p.person_id = s.person_id
            LEFT JOIN absence a ON a.person_id = s.person_id
            WHERE a.person_id IS NULL
        ) m
        GROUP BY household_id
    ) e ON e.household_id = h.household_id
) k
