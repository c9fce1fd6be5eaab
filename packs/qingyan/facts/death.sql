-- One row a dead person. Any one of the three sources is enough to ask; the earliest date counts. Somebody ruled to be
-- alive is not dead, whatever the records say.
SELECT
    d.person_id,
    min(d.death_date) AS death_date,
    count(DISTINCT d.record_source) AS death_sources
FROM death_record d
LEFT JOIN (SELECT person_id FROM ruling WHERE ruled_alive) r ON r.person_id = d.person_id
WHERE d.person_id IS NOT NULL AND d.death_date <= $as_of AND r.person_id IS NULL
GROUP BY d.person_id
