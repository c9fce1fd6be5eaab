SELECT d.person_id, true AS recognised_at_death
FROM death d
JOIN (
    SELECT person_id, start_date, end_date
    FROM assistance_roster
    WHERE programme IN ('dibao', 'dibao_single', 'tekun', 'edge')
) r ON r.person_id = d.person_id
WHERE d.death_date > $as_of - INTERVAL '12 months' AND r.start_date <= d.death_date
  AND (r.end_date IS NULL OR r.end_date >= d.death_date)
GROUP BY d.person_id
