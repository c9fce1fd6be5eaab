-- What a person has ruled where sources contradict each other: of each item the newest ruling in force. A ruling may stand
-- twice, as the last pass wrote it and as it is now; the later word about it holds.
SELECT
    person_id,
    bool_or(CASE WHEN item = 'alive' THEN yes END) AS ruled_alive,
    max(CASE WHEN item = 'wage' THEN amount END) AS ruled_wage_month
FROM (
    SELECT person_id, item, yes, amount,
        row_number() OVER (PARTITION BY person_id, item ORDER BY ruled_on DESC, _batch DESC, _row DESC) AS place
    FROM (
        SELECT *, row_number() OVER (PARTITION BY ruling_no ORDER BY _batch DESC, _row DESC) AS word
        FROM data_ruling
        WHERE person_id IS NOT NULL
    ) w
    WHERE word = 1 AND ruled_on <= $as_of AND coalesce(until >= $as_of, true) AND coalesce(ended_on > $as_of, true)
) r
WHERE place = 1
GROUP BY person_id
