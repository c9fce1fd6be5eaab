-- People on whose wage two sources differ by more than both a part of the larger value and a least amount. Where the last
-- insured month says that the work ended, the tax of the months before says nothing any more.
SELECT person_id, max(wage) - min(wage) > greatest(max(wage) * $conflict_wage_share / 1000, $conflict_wage_least) AS wage_disputed
FROM (
    SELECT person_id, visited_wage_month AS wage FROM visit
    UNION ALL
    SELECT t.person_id, t.taxed_wage_month
    FROM tax t
    LEFT JOIN (SELECT person_id FROM insurance WHERE contribution_stopped) i ON i.person_id = t.person_id
    WHERE i.person_id IS NULL
    UNION ALL
    SELECT person_id, insured_wage_month FROM insurance
    UNION ALL
    SELECT person_id, declared_wage_month FROM declared
) w
WHERE wage IS NOT NULL
GROUP BY person_id
HAVING count(*) > 1
