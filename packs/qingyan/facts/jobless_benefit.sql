-- The first month in which unemployment benefit was no longer paid; a later payment starts it anew.
SELECT u.person_id, min(u.month) AS benefit_ended_on
FROM (
    SELECT person_id, month FROM social_insurance
    WHERE scheme = 'unemployment' AND benefit_status = 'ended'
      AND month >= date_trunc('month', $as_of) - INTERVAL '12 months' AND month <= $as_of
) u
LEFT JOIN (
    SELECT person_id, max(month) AS last_paid
    FROM social_insurance
    WHERE scheme = 'unemployment' AND benefit_status = 'active' AND month <= $as_of
    GROUP BY person_id
) a ON a.person_id = u.person_id
WHERE a.last_paid IS NULL OR u.month > a.last_paid
GROUP BY u.person_id
