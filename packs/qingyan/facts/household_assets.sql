-- Financial assets: the newest authorised query of each counted member, all institutions; where there was no query,
-- what the household declared. Never queried without a signed authorisation (DB57 art.9).
SELECT
    household_id,
    coalesce(sum(queried), sum(declared)) AS fin_assets,
    max(queried_on) AS fin_queried_on
FROM (
    SELECT p.household_id, f.balance AS queried, CAST(NULL AS BIGINT) AS declared, f.query_date AS queried_on
    FROM (
        SELECT person_id, balance, query_date, max(query_date) OVER (PARTITION BY person_id) AS newest
        FROM financial_assets
        WHERE query_date <= $as_of
    ) f
    JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = f.person_id
    LEFT JOIN absence a ON a.person_id = f.person_id
    WHERE f.query_date = f.newest AND a.person_id IS NULL
    UNION ALL
    SELECT household_id, CAST(NULL AS BIGINT), declared_fin_assets, CAST(NULL AS DATE)
    FROM household_declared
    WHERE declared_fin_assets IS NOT NULL
) k
GROUP BY household_id
