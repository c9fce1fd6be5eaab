-- Wage base and benefits of the three whole months before this one. A base counts as a wage only where an employer
-- pays it in: people in flexible work choose their base, so theirs says nothing about what they earn. Benefits are
-- those of the newest of the three months that reports any benefit of the person.
SELECT
    person_id,
    -- Where the last month says that contributions stopped, the wage is no longer known.
    CASE WHEN last_paid = last_reported THEN bases / nullif(bases_count, 0) END AS insured_wage_month,
    CASE newest WHEN 1 THEN pension_1 WHEN 2 THEN pension_2 WHEN 3 THEN pension_3 ELSE 0 END AS pension_month,
    CASE newest WHEN 1 THEN exempt_1 WHEN 2 THEN exempt_2 WHEN 3 THEN exempt_3 ELSE 0 END AS pension_exempt_month,
    CASE newest WHEN 1 THEN other_1 WHEN 2 THEN other_2 WHEN 3 THEN other_3 ELSE 0 END AS insurance_benefit_month
FROM (
    SELECT
        person_id,
        min(CASE WHEN paid THEN back END) AS last_paid,
        min(CASE WHEN scheme = 'emp_pension' AND pay_status IS NOT NULL THEN back END) AS last_reported,
        sum(CASE WHEN paid THEN pay_base ELSE 0 END) AS bases,
        sum(CASE WHEN paid THEN 1 ELSE 0 END) AS bases_count,
        min(CASE WHEN benefit_status IS NOT NULL THEN back END) AS newest,
        sum(CASE WHEN back = 1 THEN pension ELSE 0 END) AS pension_1,
        sum(CASE WHEN back = 2 THEN pension ELSE 0 END) AS pension_2,
        sum(CASE WHEN back = 3 THEN pension ELSE 0 END) AS pension_3,
        sum(CASE WHEN back = 1 THEN exempt ELSE 0 END) AS exempt_1,
        sum(CASE WHEN back = 2 THEN exempt ELSE 0 END) AS exempt_2,
        sum(CASE WHEN back = 3 THEN exempt ELSE 0 END) AS exempt_3,
        sum(CASE WHEN back = 1 THEN other ELSE 0 END) AS other_1,
        sum(CASE WHEN back = 2 THEN other ELSE 0 END) AS other_2,
        sum(CASE WHEN back = 3 THEN other ELSE 0 END) AS other_3
    FROM (
        SELECT
            person_id, scheme, pay_base, pay_status, benefit_status,
            -- Months back: 1 is last month.
            CAST(date_part('year', $as_of) * 12 + date_part('month', $as_of)
                 - date_part('year', month) * 12 - date_part('month', month) AS BIGINT) AS back,
            scheme = 'emp_pension' AND pay_status = 'paid' AND employer_code IS NOT NULL AND pay_base IS NOT NULL AS paid,
            CASE WHEN benefit_status = 'active' AND scheme IN ('emp_pension', 'res_pension')
                 THEN coalesce(benefit_month, 0) ELSE 0 END AS pension,
            -- Only the residents' scheme has the centrally set part that is not income (DB57 art.13).
            CASE WHEN benefit_status = 'active' AND scheme = 'res_pension'
                 THEN least(coalesce(benefit_month, 0), coalesce(basic_pension_central, $basic_pension_central)) ELSE 0 END AS exempt,
            CASE WHEN benefit_status = 'active' AND scheme IN ('unemployment', 'injury', 'maternity')
                 THEN coalesce(benefit_month, 0) ELSE 0 END AS other
        FROM social_insurance
        WHERE month >= date_trunc('month', $as_of) - INTERVAL '3 months' AND month < date_trunc('month', $as_of)
    ) m
    GROUP BY person_id
) k
