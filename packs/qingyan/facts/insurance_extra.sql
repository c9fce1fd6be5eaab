-- Two benefits of the newest of the three whole months before that reports any benefit of the person.
SELECT
    person_id,
    sum(CASE WHEN back = newest AND scheme = 'unemployment' AND benefit_status = 'active' THEN coalesce(benefit_month, 0) ELSE 0 END)
        AS unemployment_benefit_month
FROM (
    SELECT person_id, scheme, benefit_status, benefit_month, injury_nursing, back,
        min(back) OVER (PARTITION BY person_id) AS newest
    FROM (
        SELECT person_id, scheme, benefit_status, benefit_month, injury_nursing,
            CAST(date_part('year', $as_of) * 12 + date_part('month', $as_of)
                 - date_part('year', month) * 12 - date_part('month', month) AS BIGINT) AS back
        FROM social_insurance
        WHERE scheme IN ('injury', 'unemployment') AND benefit_status IS NOT NULL
          AND month >= date_trunc('month', $as_of) - INTERVAL '3 months' AND month < date_trunc('month', $as_of)
    ) m
) k
GROUP BY person_id
