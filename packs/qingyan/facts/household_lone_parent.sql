-- Grown members of the household who were divorced or widowed within 90 days and have not married again.
SELECT household_id, count(*) AS newly_single_90d, max(since) AS newly_single_on
FROM (
    SELECT household_id, person_id, max(since) AS since
    FROM (
        SELECT p.household_id, p.person_id, m.marital_since AS since
        FROM marriage m
        JOIN (SELECT person_id, household_id FROM person WHERE alive AND age >= 18) p ON p.person_id = m.person_id
        WHERE m.marital IN ('divorced', 'widowed')
        UNION ALL
        -- Couples whose marriage is in no computer: head and spouse of one household.
        SELECT p.household_id, p.person_id, x.death_date
        FROM (
            SELECT q.household_id, d.death_date, q.relation IN ('01', '02') AS head
            FROM death d
            JOIN (SELECT person_id, household_id, relation FROM person
                  WHERE relation IN ('01', '02', '10', '11', '12')) q ON q.person_id = d.person_id
            WHERE d.death_date > $as_of - INTERVAL '90 days'
        ) x
        JOIN (SELECT person_id, household_id, relation IN ('01', '02') AS head FROM person
              WHERE alive AND age >= 18 AND relation IN ('01', '02', '10', '11', '12')) p
            ON p.household_id = x.household_id AND p.head <> x.head
    ) e
    WHERE since > $as_of - INTERVAL '90 days'
    GROUP BY household_id, person_id
) k
LEFT JOIN absence a ON a.person_id = k.person_id
WHERE a.person_id IS NULL
GROUP BY household_id
