-- A student's newest row. Lists of a school year arrive in autumn: until October the year before speaks.
WITH twice AS (
    SELECT person_id FROM student_register GROUP BY person_id HAVING count(*) > 1
),
-- Only the few who stand in the register twice are put in order.
newest AS (
    SELECT r.person_id, r.school_year, r.status, r.stage, r.grade, r.school_nature, r.boarding,
        r.fee_tuition, r.fee_board, r.aid_amount
    FROM student_register r
    LEFT JOIN twice t ON t.person_id = r.person_id
    WHERE t.person_id IS NULL
    UNION ALL
    SELECT person_id, school_year, status, stage, grade, school_nature, boarding, fee_tuition, fee_board, aid_amount
    FROM (
        SELECT r.person_id, r.school_year, r.status, r.stage, r.grade, r.school_nature, r.boarding,
            r.fee_tuition, r.fee_board, r.aid_amount,
            row_number() OVER (PARTITION BY r.person_id ORDER BY r.school_year DESC, r._batch DESC, r._row DESC) AS place
        FROM student_register r
        JOIN twice t ON t.person_id = r.person_id
    ) ordered
    WHERE place = 1
)
SELECT
    person_id,
    school_year,
    status AS school_status,
    stage AS school_stage,
    CASE WHEN status = 'enrolled' AND school_year >= expected_year THEN stage END AS student_stage,
    school_nature,
    boarding,
    coalesce(fee_tuition, 0) + coalesce(fee_board, 0) AS school_fee_year,
    coalesce(aid_amount, 0) AS school_aid_year,
    -- RX art.5: what a public school would charge, less the aid received.
    CASE WHEN status = 'enrolled' AND school_year >= expected_year AND stage <> 'postgraduate' THEN greatest(
        CASE WHEN school_nature = 'public' OR stage = 'special' THEN coalesce(fee_tuition, 0)
             WHEN stage = 'preschool' THEN least(coalesce(fee_tuition, 0), $school_price_preschool)
             WHEN stage IN ('primary', 'junior') THEN 0
             WHEN stage = 'senior' THEN least(coalesce(fee_tuition, 0), $school_price_senior)
             WHEN stage = 'vocational' THEN least(coalesce(fee_tuition, 0), $school_price_vocational)
             ELSE least(coalesce(fee_tuition, 0), $school_price_college) END
        + CASE WHEN school_nature = 'public' OR stage = 'special' THEN coalesce(fee_board, 0)
               ELSE least(coalesce(fee_board, 0), $school_price_board) END
        - coalesce(aid_amount, 0), 0) ELSE 0 END AS school_cost_12m,
    CASE WHEN status = 'dropped' THEN school_year >= expected_year
         WHEN status IN ('enrolled', 'suspended') AND school_year = expected_year - 1
         THEN stage = 'primary' OR (stage = 'junior' AND coalesce(grade, 1) NOT IN (3, 9))
         ELSE false END AS out_of_school,
    coalesce(stage IN ('college', 'undergraduate') AND grade = 1 AND status = 'enrolled'
        AND make_date(CAST(school_year AS INT), 9, 1) > $as_of - INTERVAL '12 months'
        AND make_date(CAST(school_year AS INT), 9, 1) <= $as_of, false) AS college_entered
FROM (
    SELECT person_id, school_year, status, stage, grade, school_nature, boarding, fee_tuition, fee_board, aid_amount,
        CAST(date_part('year', $as_of - INTERVAL '10 months') AS BIGINT) AS expected_year
    FROM newest
) s
