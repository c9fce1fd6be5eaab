-- Households with somebody who cannot manage at all: who cared and no longer can, and who is left.
WITH frail AS (
    SELECT person_id FROM (
        SELECT coalesce(c.person_id, v.person_id) AS person_id,
            coalesce(v.self_care_fail >= $self_care_full,
                     c.certificate_valid AND c.disability_grade = 1
                     AND c.disability_kind IN ('limb', 'intellectual', 'mental', 'multiple'), false) AS cannot
        FROM disability c
        FULL JOIN visit v ON v.person_id = c.person_id
    ) k
    WHERE cannot
),
-- Somebody frail who has died or is away is nobody's dependant any more; he may himself have been the carer.
dependant AS (
    SELECT f.person_id, p.household_id
    FROM frail f
    JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = f.person_id
    LEFT JOIN absence a ON a.person_id = f.person_id
    WHERE a.person_id IS NULL
),
concerned AS (
    SELECT household_id, count(*) AS dependants
    FROM dependant
    GROUP BY household_id
)
SELECT
    household_id,
    max(dependants) AS dependants,
    sum(CASE WHEN NOT is_dependant AND (died OR taken OR long_stay) THEN 1 ELSE 0 END) AS carers_lost_60d,
    sum(CASE WHEN NOT is_dependant AND present AND NOT long_stay THEN 1 ELSE 0 END) AS carers_left
FROM (
    SELECT
        c.household_id, c.dependants,
        d.person_id IS NOT NULL AS is_dependant,
        p.alive AND a.person_id IS NULL AS present,
        coalesce(x.death_date > $as_of - INTERVAL '60 days', false) AS died,
        coalesce(p.alive AND k.in_custody AND k.custody_start > $as_of - INTERVAL '60 days', false) AS taken,
        coalesce(p.alive AND s.long_stay_60d, false) AS long_stay
    FROM concerned c
    JOIN (SELECT person_id, household_id, alive, age FROM person WHERE age >= 18) p ON p.household_id = c.household_id
    LEFT JOIN dependant d ON d.person_id = p.person_id
    LEFT JOIN absence a ON a.person_id = p.person_id
    LEFT JOIN death x ON x.person_id = p.person_id
    LEFT JOIN custody k ON k.person_id = p.person_id
    LEFT JOIN stays s ON s.person_id = p.person_id
) m
GROUP BY household_id
