-- What child welfare says of a child today. A child counts once, as the status that protects most.
SELECT
    person_id,
    CASE WHEN bool_or(status = 'orphan') THEN 'orphan'
         WHEN bool_or(status = 'de_facto') THEN 'de_facto'
         WHEN bool_or(status = 'left_behind') THEN 'left_behind'
         ELSE 'other' END AS child_status,
    bool_or(status = 'left_behind') AS left_behind,
    -- SW19: a de facto unsupported child at the full rate is paid like an orphan, not the difference only.
    bool_or(status = 'orphan' OR (status = 'de_facto' AND benefit_month >= $orphan_dispersed)) AS orphan_rate,
    bool_or(status IN ('orphan', 'de_facto')) AS child_supported,
    max(CASE WHEN status IN ('orphan', 'de_facto') THEN placement END) AS child_placement,
    max(CASE WHEN status IN ('orphan', 'de_facto') THEN coalesce(benefit_month, 0) END) AS child_benefit_month,
    min(CASE WHEN father_state <> 'ok' THEN start_date END) AS father_unable_since,
    min(CASE WHEN mother_state <> 'ok' THEN start_date END) AS mother_unable_since
FROM child_welfare
WHERE start_date <= $as_of AND (end_date IS NULL OR end_date >= $as_of)
GROUP BY person_id
