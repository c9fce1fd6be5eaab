-- Children neither of whose parents can care for them (SW19 art.1): what child welfare knows, and what the registers say of
-- the parents who stand in the same household. The day is the one on which the second parent was lost.
WITH unable AS (
    SELECT person_id, min(since) AS since
    FROM (
        SELECT person_id, death_date AS since FROM death
        UNION ALL
        SELECT person_id, custody_start FROM custody WHERE in_custody AND custody_long
        UNION ALL
        -- Severe in the sense of SW19: wider than that of DB57.
        SELECT person_id, certificate_issued FROM disability
        WHERE certificate_valid AND (disability_grade <= 2 OR disability_kind IN ('intellectual', 'mental'))
        UNION ALL
        SELECT person_id, serious_since FROM disease WHERE registered_serious
    ) u
    GROUP BY person_id
),
concerned AS (
    SELECT p.household_id
    FROM unable u
    JOIN (SELECT person_id, household_id FROM person) p ON p.person_id = u.person_id
    GROUP BY p.household_id
),
-- Head and spouse are the parents of the head's children; the head's one grown son and one grown daughter (or in-law) those
-- of the grandchildren. Several of one sex: nobody can say from the register which.
pairs AS (
    SELECT household_id, generation,
        CASE WHEN sum(CASE WHEN sex = 'male' THEN 1 ELSE 0 END) = 1 THEN max(CASE WHEN sex = 'male' THEN since END) END AS father_since,
        CASE WHEN sum(CASE WHEN sex = 'female' THEN 1 ELSE 0 END) = 1 THEN max(CASE WHEN sex = 'female' THEN since END) END AS mother_since
    FROM (
        SELECT p.household_id, p.sex, u.since,
            CASE WHEN p.relation IN ('01', '02', '10', '11', '12') THEN 1
                 WHEN p.sex = 'male' AND p.relation BETWEEN '20' AND '29' AND p.age >= 18 THEN 2
                 WHEN p.sex = 'female' AND p.relation BETWEEN '30' AND '39' AND p.age >= 18 THEN 2 END AS generation
        FROM (SELECT person_id, household_id, sex, age, relation FROM person) p
        JOIN concerned c ON c.household_id = p.household_id
        LEFT JOIN unable u ON u.person_id = p.person_id
    ) m
    WHERE generation IS NOT NULL
    GROUP BY household_id, generation
)
SELECT
    person_id,
    true AS child_without_parents,
    since AS without_parents_since,
    since > $as_of - INTERVAL '90 days' AS parents_lost_90d
FROM (
    SELECT person_id, greatest(min(father_since), min(mother_since)) AS since,
        min(father_since) IS NOT NULL AND min(mother_since) IS NOT NULL AS both_lost
    FROM (
        SELECT k.person_id, r.father_since, r.mother_since
        FROM (SELECT person_id, household_id, relation FROM person WHERE alive AND age < 18) k
        JOIN pairs r ON r.household_id = k.household_id
            AND r.generation = CASE WHEN k.relation BETWEEN '20' AND '39' THEN 1
                                    WHEN k.relation BETWEEN '40' AND '49' THEN 2 END
        UNION ALL
        SELECT k.person_id, c.father_unable_since, c.mother_unable_since
        FROM children c
        JOIN (SELECT person_id FROM person WHERE alive AND age < 18) k ON k.person_id = c.person_id
    ) s
    GROUP BY person_id
) b
WHERE both_lost
