-- Meters by the person in whose name they are. Gas is left out of use and arrears: it follows the seasons and the
-- stove. A meter is compared with its own months 3 to 14 back, and only where at least six of them were reported.
SELECT
    person_id,
    coalesce(bool_or(used), false) AS utility_used_3m,
    coalesce(bool_or(kind <> 'gas' AND base_months >= 6 AND base > 0
            AND last_1 * base_months * 1000 <= base * $m052_drop AND last_2 * base_months * 1000 <= base * $m052_drop), false) AS utility_dropped,
    min(CASE WHEN kind <> 'gas' AND base_months >= 6
             THEN CAST(floor(last_1 * base_months * 1000 / nullif(base, 0)) AS BIGINT) END) AS utility_last_permille,
    max(CASE WHEN kind <> 'gas' THEN owed_months END) AS utility_arrears_months
FROM (
    SELECT
        person_id, kind,
        bool_or(back <= 3 AND quantity > 0) AS used,
        sum(CASE WHEN back = 1 THEN quantity END) AS last_1,
        sum(CASE WHEN back = 2 THEN quantity END) AS last_2,
        sum(CASE WHEN back >= 3 THEN quantity ELSE 0 END) AS base,
        sum(CASE WHEN back >= 3 THEN 1 ELSE 0 END) AS base_months,
        -- What the newest reported month of the last six says: a month weighs more than any count of arrears, so the
        -- least of these sums is the newest month's. An older debt has been paid since.
        CASE WHEN min(back) <= 6
             THEN min(back) * 1000 - min(back * 1000 - least(coalesce(arrears_months, 0), 999)) ELSE 0 END AS owed_months
    FROM (
        SELECT
            holder_person_id AS person_id, account_no, kind, quantity, arrears_months,
            CAST(date_part('year', $as_of) * 12 + date_part('month', $as_of)
                 - date_part('year', month) * 12 - date_part('month', month) AS BIGINT) AS back
        FROM utility_usage
        WHERE holder_person_id IS NOT NULL
          AND month >= date_trunc('month', $as_of) - INTERVAL '14 months' AND month < date_trunc('month', $as_of)
    ) m
    GROUP BY person_id, account_no, kind
) meter
GROUP BY person_id
