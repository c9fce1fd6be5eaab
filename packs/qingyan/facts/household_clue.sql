-- Clues about a household that nobody has closed yet: calls, the happiness code, grid workers and volunteers; petitions and
-- the media apart.
SELECT
    household_id,
    sum(CASE WHEN channel IN ('hotline', 'happiness_code', 'grid', 'volunteer') THEN 1 ELSE 0 END) AS open_clues,
    sum(CASE WHEN channel IN ('hotline', 'happiness_code', 'grid', 'volunteer') AND urgent THEN 1 ELSE 0 END) AS open_urgent_clues,
    sum(CASE WHEN channel IN ('petition', 'media') AND kind <> 'other' THEN 1 ELSE 0 END) AS open_petitions,
    min(received_at) AS oldest_clue_on
FROM (
    SELECT coalesce(c.household_id, p.household_id) AS household_id, c.channel, c.kind, coalesce(c.urgent, false) AS urgent,
        c.received_at
    FROM clue c
    LEFT JOIN (SELECT person_id, household_id FROM person) p ON p.person_id = c.person_id
    WHERE c.received_at <= $as_of AND (c.closed_at IS NULL OR c.closed_at > $as_of)
) k
WHERE household_id IS NOT NULL
GROUP BY household_id
