-- Offers of work refused one after the other without a reason. Taking a job, or one refusal with a good reason, breaks
-- the row (IM art.45).
SELECT
    r.person_id,
    sum(CASE WHEN b.broken_on IS NULL OR r.event_date > b.broken_on THEN 1 ELSE 0 END) AS refusals_running,
    max(r.event_date) AS last_refused_job_on
FROM (
    SELECT person_id, event_date
    FROM employment_register
    WHERE event_type = 'refuse' AND coalesce(trim(reason), '') = ''
      AND event_date > $as_of - INTERVAL '24 months' AND event_date <= $as_of
) r
LEFT JOIN (
    SELECT person_id, max(event_date) AS broken_on
    FROM employment_register
    WHERE (event_type = 'employ' OR (event_type = 'refuse' AND coalesce(trim(reason), '') <> ''))
      AND event_date > $as_of - INTERVAL '24 months' AND event_date <= $as_of
    GROUP BY person_id
) b ON b.person_id = r.person_id
GROUP BY r.person_id
