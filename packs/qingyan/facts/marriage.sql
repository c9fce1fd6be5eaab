-- The newest event of each person in the marriage register. Marriages before the computers and divorces by a court are not
-- in it: no row says nothing.
WITH both_sides AS (
    SELECT male_person_id AS person_id, female_person_id AS spouse_id, event_type, event_date, _batch, _row
    FROM marriage_registration
    WHERE male_person_id IS NOT NULL AND event_date <= $as_of
    UNION ALL
    SELECT female_person_id, male_person_id, event_type, event_date, _batch, _row
    FROM marriage_registration
    WHERE female_person_id IS NOT NULL AND event_date <= $as_of
),
twice AS (
    SELECT person_id FROM both_sides GROUP BY person_id HAVING count(*) > 1
),
-- Only the few with several events are put in order.
newest AS (
    SELECT b.person_id, b.spouse_id, b.event_type, b.event_date
    FROM both_sides b
    LEFT JOIN twice t ON t.person_id = b.person_id
    WHERE t.person_id IS NULL
    UNION ALL
    SELECT person_id, spouse_id, event_type, event_date
    FROM (
        SELECT b.person_id, b.spouse_id, b.event_type, b.event_date,
            row_number() OVER (PARTITION BY b.person_id ORDER BY b.event_date DESC, b._batch DESC, b._row DESC) AS place
        FROM both_sides b
        JOIN twice t ON t.person_id = b.person_id
    ) ordered
    WHERE place = 1
)
SELECT
    e.person_id,
    CASE WHEN e.event_type = 'marriage' AND d.person_id IS NOT NULL THEN 'widowed'
         WHEN e.event_type = 'marriage' THEN 'married'
         WHEN e.event_type = 'divorce' THEN 'divorced'
         ELSE 'single' END AS marital,
    CASE WHEN e.event_type = 'marriage' AND d.person_id IS NOT NULL THEN d.death_date ELSE e.event_date END AS marital_since,
    e.event_type = 'marriage' AND s.person_id IS NOT NULL AS spouse_living
FROM newest e
LEFT JOIN death d ON d.person_id = e.spouse_id
LEFT JOIN (SELECT person_id FROM person WHERE alive) s ON s.person_id = e.spouse_id
