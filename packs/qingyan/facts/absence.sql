-- Living people of the register who are not counted with the household: in custody (DB57 art.7), or a home visit
-- found that they live elsewhere (a registration that stands on paper only).
SELECT person_id, true AS away
FROM (
    SELECT person_id FROM custody WHERE in_custody
    UNION ALL
    SELECT person_id FROM visit WHERE NOT lives_here
) a
GROUP BY person_id
