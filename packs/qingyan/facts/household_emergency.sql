-- Emergencies of 90 days by the departments' records, and the grade that the newest visit found, which goes before them.
-- a: the main earner died or is severely hurt, or the home is gone; b: the home cannot be lived in for long; c: other.
-- The main earner is somebody of working age beside whom nobody at home has a wage.
SELECT
    household_id,
    coalesce(max(visited), min(grade)) AS emergency_grade,
    coalesce(bool_or(by_nature), false) AS disaster_hit_12m
FROM (
    SELECT
        p.household_id,
        CAST(NULL AS VARCHAR) AS visited,
        CASE WHEN d.event_day <= $as_of - INTERVAL '90 days' THEN NULL
             WHEN d.house_damage = 'collapsed' THEN 'a'
             WHEN d.harm IN ('dead', 'severe') AND p.age >= 18 AND p.age < 60 AND coalesce(w.wages, 0) - coalesce(m.wage_counted_month, 0) <= 0 THEN 'a'
             WHEN d.house_damage = 'severe' THEN 'b'
             WHEN d.house_damage = 'general' OR d.harm IN ('dead', 'severe') OR d.transferred THEN 'c' END AS grade,
        d.event_type IN ('flood', 'quake', 'storm', 'drought') AS by_nature
    FROM (
        SELECT person_id, event_type, CAST(event_time AS DATE) AS event_day, harm, house_damage, transferred
        FROM disaster_accident
        WHERE person_id IS NOT NULL AND CAST(event_time AS DATE) <= $as_of AND CAST(event_time AS DATE) > $as_of - INTERVAL '12 months'
    ) d
    JOIN (SELECT person_id, household_id, age FROM person) p ON p.person_id = d.person_id
    LEFT JOIN household_wages w ON w.household_id = p.household_id
    LEFT JOIN means m ON m.person_id = d.person_id
    UNION ALL
    SELECT
        p.household_id,
        CAST(NULL AS VARCHAR),
        CASE WHEN p.age >= 18 AND p.age < 60 AND coalesce(w.wages, 0) = 0 THEN 'a' END,
        false
    FROM (SELECT person_id, death_date FROM death WHERE death_date > $as_of - INTERVAL '90 days') d
    JOIN (SELECT person_id, household_id, age FROM person) p ON p.person_id = d.person_id
    LEFT JOIN household_wages w ON w.household_id = p.household_id
    UNION ALL
    SELECT household_id, emergency_grade, CAST(NULL AS VARCHAR), false
    FROM (
        SELECT household_id, emergency_grade,
            row_number() OVER (PARTITION BY household_id ORDER BY visit_date DESC, _batch DESC, _row DESC) AS place
        FROM home_visit
        WHERE emergency_grade IS NOT NULL AND visit_date <= $as_of AND visit_date > $as_of - INTERVAL '90 days'
    ) v
    WHERE place = 1
) k
GROUP BY household_id
