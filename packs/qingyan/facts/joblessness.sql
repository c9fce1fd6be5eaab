-- Newly out of work: registered so within 90 days, or three whole months without contributions after at least six paid ones
-- and no other sign of work. And benefit that has run out without a new job.
SELECT
    person_id,
    coalesce(bool_or(registered), false) AS newly_registered_jobless,
    coalesce(bool_or(coalesce(registered, false) OR coalesce(stopped, false)), false) AS newly_jobless,
    coalesce(bool_or(ran_out), false) AS benefit_ran_out,
    max(since) AS jobless_on
FROM (
    SELECT person_id, unemployed_since > $as_of - INTERVAL '90 days' AS registered, CAST(NULL AS BOOLEAN) AS stopped,
        CAST(NULL AS BOOLEAN) AS ran_out,
        CASE WHEN unemployed_since > $as_of - INTERVAL '90 days' THEN unemployed_since END AS since
    FROM jobs
    WHERE unemployed_since IS NOT NULL
    UNION ALL
    SELECT i.person_id, CAST(NULL AS BOOLEAN), true, CAST(NULL AS BOOLEAN), CAST(NULL AS DATE)
    FROM (
        SELECT person_id FROM insurance
        WHERE last_paid_back = 4 AND paid_prior_months >= 6 AND NOT employee_pension
    ) i
    LEFT JOIN tax t ON t.person_id = i.person_id
    LEFT JOIN jobs j ON j.person_id = i.person_id
    WHERE coalesce(t.taxed_3m, 0) = 0
      AND coalesce(j.last_employed_on < date_trunc('month', $as_of) - INTERVAL '3 months', true)
    UNION ALL
    SELECT b.person_id, CAST(NULL AS BOOLEAN), CAST(NULL AS BOOLEAN),
        coalesce(j.last_employed_on < b.benefit_ended_on - INTERVAL '1 month', true)
            AND coalesce(i.last_paid_month < b.benefit_ended_on - INTERVAL '1 month', true)
            AND coalesce(t.taxed_last_month < b.benefit_ended_on - INTERVAL '1 month', true)
            AND coalesce(i.pension_month, 0) = 0,
        CAST(NULL AS DATE)
    FROM jobless_benefit b
    LEFT JOIN insurance i ON i.person_id = b.person_id
    LEFT JOIN tax t ON t.person_id = b.person_id
    LEFT JOIN jobs j ON j.person_id = b.person_id
    WHERE b.benefit_ended_on > $as_of - INTERVAL '60 days'
) k
GROUP BY person_id
