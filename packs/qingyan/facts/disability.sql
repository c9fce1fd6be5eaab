-- The certificate that speaks for a person: a valid one before others, then the newest, then the worse grade.
SELECT
    ranked.person_id,
    valid AS certificate_valid,
    issue_date AS certificate_issued,
    valid AND issue_date > $as_of - INTERVAL '90 days' AS certificate_is_new,
    kind AS disability_kind,
    grade AS disability_grade,
    -- DB57 art.8
    valid AND (grade <= 2 OR (grade = 3 AND kind IN ('intellectual', 'mental'))) AS severe_disabled,
    -- TK art.5; a certificate of multiple disability does not say which, so the federation must be asked.
    CASE WHEN NOT valid THEN false
         WHEN kind IN ('intellectual', 'mental') THEN grade <= 3
         WHEN kind = 'limb' THEN grade <= 2
         WHEN kind = 'visual' THEN grade = 1
         WHEN kind = 'multiple' AND grade <= 3 THEN CAST(NULL AS BOOLEAN)
         ELSE false END AS tekun_disabled,
    valid AND g.person_id IS NOT NULL AS has_guardian
FROM (
    SELECT person_id, valid, issue_date, kind, grade, guardian_person_id,
        row_number() OVER (
            PARTITION BY person_id
            ORDER BY CASE WHEN valid THEN 0 ELSE 1 END, issue_date DESC, grade, _batch DESC, _row DESC
        ) AS place
    FROM (
        SELECT *, cert_status = 'valid' AND (expire_date IS NULL OR expire_date >= $as_of) AS valid
        FROM disability_certificate
        WHERE issue_date <= $as_of
    ) c
) ranked
LEFT JOIN (SELECT person_id FROM person WHERE alive) g
    ON g.person_id = ranked.guardian_person_id AND g.person_id <> ranked.person_id
WHERE place = 1
