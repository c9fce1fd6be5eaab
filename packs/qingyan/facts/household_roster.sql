SELECT
    p.household_id,
    sum(CASE WHEN r.on_roster THEN 1 ELSE 0 END) AS roster_members,
    sum(CASE WHEN r.on_roster AND p.alive THEN 1 ELSE 0 END) AS roster_members_living,
    bool_or(p.alive AND (r.on_dibao OR r.on_tekun)) AS held_to_dibao_limits,
    bool_or(p.alive AND r.on_edge) AS held_to_edge_limits,
    min(CASE WHEN p.alive THEN r.on_roster_since END) AS assisted_since,
    sum(CASE WHEN p.alive AND r.reverification_is_due THEN 1 ELSE 0 END) AS reverifications_due,
    min(CASE WHEN p.alive THEN r.last_reverified END) AS oldest_reverification,
    coalesce(max(CASE WHEN p.alive THEN r.left_roster_on END) > $as_of - INTERVAL '12 months', false) AS left_roster_12m,
    max(CASE WHEN p.alive THEN r.left_roster_on END) AS household_left_on,
    min(CASE WHEN p.alive THEN r.guarantee_ends_on END) AS household_guarantee_ends_on,
    sum(r.temporary_aids_12m) AS household_temporary_aids_12m
FROM roster r
JOIN (SELECT person_id, household_id, alive FROM person) p ON p.person_id = r.person_id
GROUP BY p.household_id
