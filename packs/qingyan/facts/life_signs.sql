-- Of people with a death record: what other sources say of them after that day. A ruling changes nothing here; both
-- sides stay to be seen.
SELECT
    d.person_id,
    d.death_said_on,
    CASE WHEN s.proof_of_life_on > d.death_said_on THEN s.proof_of_life_on END AS proof_of_life_on,
    CASE WHEN v.seen_on > d.death_said_on THEN v.seen_on END AS seen_on,
    CASE WHEN w.last_work_month > d.death_said_on THEN w.last_work_month END AS last_work_month,
    coalesce(greatest(s.proof_of_life_on, v.seen_on, w.last_work_month) > d.death_said_on, false) AS life_disputed
FROM (
    SELECT person_id, min(death_date) AS death_said_on
    FROM death_record
    WHERE person_id IS NOT NULL AND death_date <= $as_of
    GROUP BY person_id
) d
LEFT JOIN (
    SELECT person_id, max(liveness_date) AS proof_of_life_on
    FROM welfare_subsidy
    WHERE liveness_date <= $as_of
    GROUP BY person_id
) s ON s.person_id = d.person_id
LEFT JOIN (
    -- Something was found of the person, not only of the household.
    SELECT person_id, max(visit_date) AS seen_on
    FROM home_visit
    WHERE visit_date <= $as_of AND person_id IS NOT NULL
      AND (lives_here OR self_care_fail IS NOT NULL OR work_ability IS NOT NULL OR wage_month IS NOT NULL)
    GROUP BY person_id
) v ON v.person_id = d.person_id
LEFT JOIN (
    SELECT person_id, max(month) AS last_work_month
    FROM social_insurance
    WHERE pay_status = 'paid' AND employer_code IS NOT NULL AND month <= $as_of
    GROUP BY person_id
) w ON w.person_id = d.person_id
