-- Disasters, fires and traffic accidents of 90 days that struck somebody of the household, living or dead.
SELECT
    household_id,
    coalesce(bool_or(natural_harm AND recent), false) AS disaster_hit_30d,
    coalesce(bool_or(fire_harm AND recent), false) AS house_fire_30d,
    coalesce(bool_or(traffic_harm AND recent), false) AS traffic_harm_30d,
    max(CASE WHEN natural_harm OR fire_harm OR coalesce(harm, 'none') IN ('dead', 'severe') THEN happened END) AS last_calamity
FROM (
    SELECT
        p.household_id, e.happened, e.harm,
        e.happened > $as_of - INTERVAL '30 days' AS recent,
        e.event_type NOT IN ('fire', 'traffic')
            AND (coalesce(e.house_damage, 'none') IN ('collapsed', 'severe') OR coalesce(e.transferred, false)) AS natural_harm,
        e.event_type = 'fire'
            AND (coalesce(e.house_damage, 'none') <> 'none' OR coalesce(e.harm, 'none') <> 'none') AS fire_harm,
        e.event_type = 'traffic' AND coalesce(e.harm, 'none') IN ('dead', 'severe') AS traffic_harm
    FROM (
        SELECT person_id, event_type, harm, house_damage, transferred, CAST(event_time AS DATE) AS happened
        FROM disaster_accident
        WHERE person_id IS NOT NULL
    ) e
    JOIN (SELECT person_id, household_id FROM person) p ON p.person_id = e.person_id
    WHERE e.happened > $as_of - INTERVAL '90 days' AND e.happened <= $as_of
) k
GROUP BY household_id
