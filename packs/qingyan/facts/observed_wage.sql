-- What people who declared a wage were seen to earn in each of the last three whole months: by the tax office, or by
-- the base that an employer paid in. The least of the three counts, so a bonus in one month proves nothing.
SELECT
    person_id,
    least(greatest(tax_1, base_1), greatest(tax_2, base_2), greatest(tax_3, base_3)) AS observed_wage_least
FROM (
    SELECT
        d.person_id,
        sum(CASE WHEN o.back = 1 THEN o.tax ELSE 0 END) AS tax_1,
        sum(CASE WHEN o.back = 2 THEN o.tax ELSE 0 END) AS tax_2,
        sum(CASE WHEN o.back = 3 THEN o.tax ELSE 0 END) AS tax_3,
        max(CASE WHEN o.back = 1 THEN o.base ELSE 0 END) AS base_1,
        max(CASE WHEN o.back = 2 THEN o.base ELSE 0 END) AS base_2,
        max(CASE WHEN o.back = 3 THEN o.base ELSE 0 END) AS base_3
    FROM (SELECT person_id FROM declared WHERE declared_wage_month IS NOT NULL) d
    JOIN (
        SELECT
            person_id, tax, base,
            CAST(date_part('year', $as_of) * 12 + date_part('month', $as_of)
                 - date_part('year', month) * 12 - date_part('month', month) AS BIGINT) AS back
        FROM (
            SELECT person_id, month, income AS tax, 0 AS base
            FROM tax_income
            WHERE income_type IN ('wage', 'labour')
              AND month >= date_trunc('month', $as_of) - INTERVAL '3 months' AND month < date_trunc('month', $as_of)
            UNION ALL
            SELECT person_id, month, 0, pay_base
            FROM social_insurance
            WHERE scheme = 'emp_pension' AND pay_status = 'paid' AND employer_code IS NOT NULL AND pay_base IS NOT NULL
              AND month >= date_trunc('month', $as_of) - INTERVAL '3 months' AND month < date_trunc('month', $as_of)
        ) m
    ) o ON o.person_id = d.person_id
    GROUP BY d.person_id
) k
