SELECT
    p.household_id,
    sum(CASE WHEN r.on_roster THEN 1 ELSE 0 END) AS roster_members,
    sum(CASE WHEN r.on_roster AND p.alive THEN 1 ELSE 0 END) AS roster_members_living,
    bool_or(p.alive AND (r.on_dibao OR r.on_tekun)) AS held_to_dibao_limits,
    bool_or(p.alive AND r.on_edge) AS held_to_edge_limits,
    sum(CASE WHEN p.alive AND r.reverification_is_due THEN 1 ELSE 0 END) AS reverifications_due,
    min(CASE WHEN p.alive THEN r.last_reverified END) AS oldest_reverification,
    sum(r.temporary_aids_12m) AS household_temporary_aids_12m
FROM roster r
JOIN (SELECT person_id, household_id, alive FROM person) p ON p.person_id = r.person_id
GROUP BY p.household_id
