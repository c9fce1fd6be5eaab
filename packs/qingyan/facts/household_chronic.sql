-- The most chronic diseases that one counted member has.
SELECT p.household_id, max(h.chronic_count) AS most_chronic_diseases
FROM (SELECT person_id, chronic_count FROM disease WHERE chronic_count > 0) h
JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = h.person_id
LEFT JOIN absence a ON a.person_id = h.person_id
WHERE a.person_id IS NULL
GROUP BY p.household_id
