-- The list against falling back into poverty, by the register's households: one member on it is enough.
SELECT
    p.household_id,
    true AS rural_listed,
    bool_or(r.at_risk) AS rural_monitored,
    max(r.enter_date) AS rural_entered_on,
    min(CASE WHEN r.at_risk THEN r.enter_date END) AS rural_risk_since
FROM (
    SELECT
        member_person_id, enter_date,
        NOT risk_cleared OR coalesce(cleared_date > $as_of, false) AS at_risk
    FROM rural_monitoring
    WHERE enter_date <= $as_of
) r
JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = r.member_person_id
GROUP BY p.household_id
