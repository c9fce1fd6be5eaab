-- Capital in businesses of counted members. A business with an abnormal status may stand still: that is asked.
SELECT
    household_id,
    greatest(coalesce(sum(active), 0), coalesce(max(declared), 0)) AS company_capital,
    coalesce(sum(active), 0) AS registered_capital,
    coalesce(sum(doubtful), 0) AS doubtful_capital,
    coalesce(max(declared), 0) AS stated_capital
FROM (
    SELECT
        p.household_id,
        CASE WHEN e.status = 'active' THEN greatest(coalesce(e.capital, 0), coalesce(e.paid_capital, 0)) ELSE 0 END AS active,
        CASE WHEN e.status = 'abnormal' THEN greatest(coalesce(e.capital, 0), coalesce(e.paid_capital, 0)) ELSE 0 END AS doubtful,
        CAST(NULL AS BIGINT) AS declared
    FROM market_entity e
    JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = e.person_id
    LEFT JOIN absence a ON a.person_id = e.person_id
    WHERE e.role IN ('legal_rep', 'shareholder', 'owner') AND e.status IN ('active', 'abnormal')
      AND e.found_date <= $as_of AND a.person_id IS NULL
    UNION ALL
    SELECT household_id, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), declared_company_capital
    FROM household_declared
    WHERE declared_company_capital IS NOT NULL
) k
GROUP BY household_id
