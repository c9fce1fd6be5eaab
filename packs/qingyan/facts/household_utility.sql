-- Meters in the name of anybody of the household, also of somebody who has died since.
SELECT
    p.household_id,
    bool_or(u.utility_dropped) AS household_utility_dropped,
    min(u.utility_last_permille) AS utility_low_permille,
    max(u.utility_arrears_months) AS household_utility_arrears
FROM utility u
JOIN (SELECT person_id, household_id FROM person) p ON p.person_id = u.person_id
GROUP BY p.household_id
