-- Prison and compulsory detoxification take a person out of the household (DB57 art.7); detention before a judgment
-- and community correction do not.
SELECT
    person_id,
    bool_or(inside) AS in_custody,
    max(CASE WHEN inside THEN start_date END) AS custody_start,
    coalesce(max(CASE WHEN inside THEN start_date END) > $as_of - INTERVAL '90 days', false) AS custody_is_new
FROM (
    SELECT
        person_id,
        start_date,
        coalesce(actual_end, expected_end) IS NULL OR coalesce(actual_end, expected_end) > $as_of AS inside
    FROM custody_correction
    WHERE measure IN ('prison', 'detox') AND start_date <= $as_of
) m
GROUP BY person_id
