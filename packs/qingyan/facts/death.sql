-- One row a dead person. Any one of the three sources is enough to ask; the earliest date counts.
SELECT
    person_id,
    min(death_date) AS death_date,
    count(DISTINCT record_source) AS death_sources
FROM death_record
WHERE person_id IS NOT NULL AND death_date <= $as_of
GROUP BY person_id
