-- Wages and pay for labour that payers have declared to the tax bureau, all payers of a person together. Interest, rent and
-- business income come at odd times and are asked at the visit.
SELECT
    person_id,
    sum(CASE WHEN back BETWEEN 1 AND 3 THEN income ELSE 0 END)
        / nullif(max(CASE WHEN back = 1 THEN 1 ELSE 0 END) + max(CASE WHEN back = 2 THEN 1 ELSE 0 END)
                 + max(CASE WHEN back = 3 THEN 1 ELSE 0 END), 0) AS taxed_wage_month,
    sum(CASE WHEN back BETWEEN 1 AND 3 THEN income ELSE 0 END) AS taxed_3m,
    sum(CASE WHEN back BETWEEN 4 AND 9 THEN income ELSE 0 END) AS taxed_prev_6m,
    coalesce(bool_or(back >= 1), false) AS taxed_9m,
    max(month) AS taxed_last_month
FROM (
    SELECT
        person_id, income, month,
        -- Months back: 1 is last month.
        CAST(date_part('year', $as_of) * 12 + date_part('month', $as_of)
             - date_part('year', month) * 12 - date_part('month', month) AS BIGINT) AS back
    FROM tax_income
    WHERE income_type IN ('wage', 'labour')
      AND month >= date_trunc('month', $as_of) - INTERVAL '9 months' AND month <= $as_of
) m
GROUP BY person_id
