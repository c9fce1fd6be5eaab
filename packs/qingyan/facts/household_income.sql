-- The household's income, put together once and never a head at a time (DB57 art.13). Halves and twelfths are
-- rounded up to the fen in the household's favour.
SELECT
    household_id,
    income_complete,
    gross AS income_gross_month,
    net AS income_net_month,
    least((hardship + 11) / 12, (net + 1) / 2) AS hardship_deduction_month,
    net - least((hardship + 11) / 12, (net + 1) / 2) AS income_known_month,
    net - least((hardship_possible + 11) / 12, (net + 1) / 2) AS income_floor_month,
    CASE WHEN size > 0 THEN (net - least((hardship + 11) / 12, (net + 1) / 2)) / nullif(size, 0) END AS income_pc_month,
    dibao_standard * top_up_shares / 1000 AS top_up_month,
    reported_complete,
    reported AS reported_household_income_month,
    earners
FROM (
    SELECT
        s.household_id, s.income_complete, s.hardship, s.hardship_possible, s.top_up_shares,
        s.reported_complete, s.reported, s.earners,
        h.size, h.dibao_standard,
        s.gross + coalesce(d.declared_shared_income_month, 0) AS gross,
        s.gross - s.cost + coalesce(d.declared_shared_income_month, 0) AS net
    FROM (
        SELECT
            p.household_id,
            bool_and(m.income_known) AS income_complete,
            sum(m.own_income_month) AS gross,
            sum(m.wage_cost_month) AS cost,
            sum(m.hardship_cost_12m) AS hardship,
            sum(m.hardship_cost_possible_12m) AS hardship_possible,
            sum(m.top_up_share) AS top_up_shares,
            bool_and(m.reported_known) AS reported_complete,
            sum(m.reported_income_month) AS reported,
            sum(CASE WHEN m.wage_counted_month > 0 THEN 1 ELSE 0 END) AS earners
        FROM means m
        JOIN (SELECT person_id, household_id FROM person) p ON p.person_id = m.person_id
        GROUP BY p.household_id
    ) s
    JOIN (SELECT household_id, size, dibao_standard FROM household) h ON h.household_id = s.household_id
    LEFT JOIN household_declared d ON d.household_id = s.household_id
) k
