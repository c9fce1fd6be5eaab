-- In how many registers an elder or disabled person left any trace. Being in the police register is always one; who
-- has fewer than three is looked for on purpose.
SELECT
    k.person_id,
    1 + CASE WHEN k.certificate_valid THEN 1 ELSE 0 END
      + CASE WHEN r.on_roster THEN 1 ELSE 0 END
      + CASE WHEN s.subsidy_is_open THEN 1 ELSE 0 END
      + CASE WHEN m.person_id IS NULL THEN 0 ELSE 1 END
      + CASE WHEN i.person_id IS NULL THEN 0 ELSE 1 END
      + CASE WHEN e.insured THEN 1 ELSE 0 END
      + CASE WHEN u.utility_used_3m THEN 1 ELSE 0 END AS trace_sources
FROM (
    SELECT p.person_id, c.certificate_valid
    FROM (SELECT person_id, age FROM person WHERE alive) p
    LEFT JOIN disability c ON c.person_id = p.person_id
    WHERE p.age >= $m055_age OR c.certificate_valid
) k
LEFT JOIN roster r ON r.person_id = k.person_id
LEFT JOIN subsidy s ON s.person_id = k.person_id
LEFT JOIN medical m ON m.person_id = k.person_id
LEFT JOIN insurance i ON i.person_id = k.person_id
LEFT JOIN utility u ON u.person_id = k.person_id
LEFT JOIN enrolment e ON e.person_id = k.person_id
