-- What the departments report that counted members earned and received, month by month: the three whole months before this
-- one against the six before those. The tax bureau's figures where it has any of the person, otherwise the insured base.
SELECT
    p.household_id,
    sum(e.earned_3m) AS earned_3m,
    sum(e.earned_prev_6m) AS earned_prev_6m
FROM (
    SELECT
        coalesce(i.person_id, t.person_id) AS person_id,
        CASE WHEN t.taxed_9m THEN t.taxed_3m ELSE coalesce(i.insured_3m, 0) END + coalesce(i.benefits_3m, 0) AS earned_3m,
        CASE WHEN t.taxed_9m THEN t.taxed_prev_6m ELSE coalesce(i.insured_prev_6m, 0) END
            + coalesce(i.benefits_prev_6m, 0) AS earned_prev_6m
    FROM insurance i
    FULL JOIN tax t ON t.person_id = i.person_id
) e
JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = e.person_id
LEFT JOIN absence a ON a.person_id = e.person_id
WHERE a.person_id IS NULL
GROUP BY p.household_id
