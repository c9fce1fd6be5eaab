-- The nursing part of a work injury benefit, by the newest of the last three whole months that reports the injury scheme.
SELECT
    person_id,
    CASE newest WHEN 1 THEN nursing_1 WHEN 2 THEN nursing_2 ELSE nursing_3 END AS injury_nursing_month
FROM (
    SELECT
        person_id,
        min(back) AS newest,
        sum(CASE WHEN back = 1 THEN nursing ELSE 0 END) AS nursing_1,
        sum(CASE WHEN back = 2 THEN nursing ELSE 0 END) AS nursing_2,
        sum(CASE WHEN back = 3 THEN nursing ELSE 0 END) AS nursing_3
    FROM (
        SELECT
            person_id,
            CAST(date_part('year', $as_of) * 12 + date_part('month', $as_of)
                 - date_part('year', month) * 12 - date_part('month', month) AS BIGINT) AS back,
            CASE WHEN benefit_status = 'active' THEN coalesce(injury_nursing, 0) ELSE 0 END AS nursing
        FROM social_insurance
        WHERE scheme = 'injury' AND benefit_status IS NOT NULL
          AND month >= date_trunc('month', $as_of) - INTERVAL '3 months' AND month < date_trunc('month', $as_of)
    ) m
    GROUP BY person_id
) k
