-- Welfare subsidies. Suspended ones are not paid but are open: nobody needs to be told of them again.
SELECT
    person_id,
    bool_or(active AND subsidy IN ('disability_living', 'disability_nursing')) AS disability_subsidy,
    bool_or(active AND subsidy = 'disability_living') AS living_subsidy,
    bool_or(active AND subsidy = 'disability_nursing') AS nursing_subsidy,
    bool_or(active AND subsidy = 'elder_service') AS elder_service,
    bool_or(is_open AND subsidy = 'age_allowance') AS age_allowance,
    bool_or(is_open) AS subsidy_is_open,
    sum(CASE WHEN active THEN amount_month ELSE 0 END) AS subsidy_month,
    min(CASE WHEN active THEN liveness_due END) AS liveness_due,
    coalesce(min(CASE WHEN active THEN liveness_due END) < $as_of, false) AS liveness_is_due
FROM (
    SELECT
        person_id, subsidy, amount_month, liveness_due,
        status = 'active' AND (end_date IS NULL OR end_date >= $as_of) AS active,
        status IN ('active', 'suspended') AND (end_date IS NULL OR end_date >= $as_of) AS is_open
    FROM welfare_subsidy
    WHERE start_date <= $as_of
) s
GROUP BY person_id
