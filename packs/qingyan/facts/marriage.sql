-- The newest event of each person in the marriage register. Marriages before the computers and divorces by a court are not
-- in it: no row says nothing.
SELECT
    e.person_id,
    CASE WHEN e.event_type = 'marriage' AND d.person_id IS NOT NULL THEN 'widowed'
         WHEN e.event_type = 'marriage' THEN 'married'
         WHEN e.event_type = 'divorce' THEN 'divorced'
         ELSE 'single' END AS marital,
    CASE WHEN e.event_type = 'marriage' AND d.person_id IS NOT NULL THEN d.death_date ELSE e.event_date END AS marital_since,
    e.event_type = 'marriage' AND s.person_id IS NOT NULL AS spouse_living
FROM (
    SELECT person_id, spouse_id, event_type, event_date,
        row_number() OVER (PARTITION BY person_id ORDER BY event_date DESC, _batch DESC, _row DESC) AS place
    FROM (
        SELECT male_person_id AS person_id, female_person_id AS spouse_id, event_type, event_date, _batch, _row
        FROM marriage_registration
        WHERE male_person_id IS NOT NULL AND event_date <= $as_of
        UNION ALL
        SELECT female_person_id, male_person_id, event_type, event_date, _batch, _row
        FROM marriage_registration
        WHERE female_person_id IS NOT NULL AND event_date <= $as_of
    ) both_sides
) e
LEFT JOIN death d ON d.person_id = e.spouse_id
LEFT JOIN (SELECT person_id FROM person WHERE alive) s ON s.person_id = e.spouse_id
WHERE e.place = 1
