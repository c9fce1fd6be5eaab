-- Homes of counted members: one registered unit is one home however many of them hold it. A home that is declared and
-- not registered (a rural homestead) counts, its area is then not known.
SELECT
    household_id,
    greatest(coalesce(sum(registered), 0), coalesce(max(declared), 0)) AS home_count,
    CASE WHEN coalesce(max(declared), 0) <= coalesce(sum(registered), 0) AND coalesce(sum(without_area), 0) = 0
         THEN sum(area) END AS home_area
FROM (
    SELECT household_id, 1 AS registered, CASE WHEN max(area) IS NULL THEN 1 ELSE 0 END AS without_area,
        max(area) AS area, CAST(NULL AS BIGINT) AS declared
    FROM (
        SELECT p.household_id, r.reg_unit_no, r.area
        FROM real_estate r
        JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = r.holder_person_id
        LEFT JOIN absence a ON a.person_id = r.holder_person_id
        WHERE r.usage = 'residence' AND r.event <> 'cancel' AND r.reg_date <= $as_of AND a.person_id IS NULL
    ) u
    GROUP BY household_id, reg_unit_no
    UNION ALL
    SELECT household_id, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), NULL, declared_home_count
    FROM household_declared
    WHERE declared_home_count IS NOT NULL
) k
GROUP BY household_id
