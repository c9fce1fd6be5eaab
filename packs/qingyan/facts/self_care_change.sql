-- A visit of 30 days that found less self-care than the visit before.
SELECT
    person_id,
    coalesce(max(CASE WHEN place = 1 AND visit_date > $as_of - INTERVAL '30 days' THEN self_care_fail END)
        > max(CASE WHEN place = 2 THEN self_care_fail END), false) AS self_care_worse_30d
FROM (
    SELECT person_id, visit_date, self_care_fail,
        row_number() OVER (PARTITION BY person_id ORDER BY visit_date DESC, _batch DESC, _row DESC) AS place
    FROM home_visit
    WHERE person_id IS NOT NULL AND self_care_fail IS NOT NULL AND visit_date <= $as_of
) v
WHERE place <= 2
GROUP BY person_id
