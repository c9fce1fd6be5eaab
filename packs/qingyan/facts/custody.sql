-- Prison and compulsory detoxification take a person out of the household (DB57 art.7); detention before a judgment
-- and community correction do not.
SELECT
    person_id,
    bool_or(inside) AS in_custody,
    max(CASE WHEN inside THEN start_date END) AS custody_start,
    coalesce(max(CASE WHEN inside THEN start_date END) > $as_of - INTERVAL '90 days', false) AS custody_is_new,
    -- Long enough to leave a child alone (SW19 art.1).
    bool_or(inside AND coalesce(expected_end >= start_date + INTERVAL '6 months', start_date <= $as_of - INTERVAL '6 months'))
        AS custody_long,
    NOT bool_or(inside) AND coalesce(max(ended) > $as_of - INTERVAL '30 days', false) AS released_30d,
    CASE WHEN NOT bool_or(inside) THEN max(ended) END AS released_on
FROM (
    SELECT
        person_id,
        start_date,
        expected_end,
        coalesce(actual_end, expected_end) AS ended,
        coalesce(actual_end, expected_end) IS NULL OR coalesce(actual_end, expected_end) > $as_of AS inside
    FROM custody_correction
    WHERE measure IN ('prison', 'detox') AND start_date <= $as_of
) m
GROUP BY person_id
