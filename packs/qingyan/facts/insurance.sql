-- Wage base and benefits of the three whole months before this one, and what changed over a year. A base counts as a wage
-- only where an employer pays it in: people in flexible work choose their base, so theirs says nothing about what they earn.
-- Benefits are those of the newest of the three months that reports any benefit of the person.
SELECT
    person_id,
    -- Where the last month says that contributions stopped, the wage is no longer known.
    CASE WHEN last_paid = last_reported THEN bases / nullif(bases_count, 0) END AS insured_wage_month,
    coalesce(last_paid <> last_reported, last_reported IS NOT NULL) AS contribution_stopped,
    -- Months since the last paid one where the department itself says that it stopped; a month without a row says nothing.
    CASE WHEN last_stopped < last_any_paid THEN last_any_paid - 1 ELSE 0 END AS contribution_gap_months,
    CASE newest WHEN 1 THEN pension_1 WHEN 2 THEN pension_2 WHEN 3 THEN pension_3 ELSE 0 END AS pension_month,
    CASE newest WHEN 1 THEN exempt_1 WHEN 2 THEN exempt_2 WHEN 3 THEN exempt_3 ELSE 0 END AS pension_exempt_month,
    CASE newest WHEN 1 THEN other_1 WHEN 2 THEN other_2 WHEN 3 THEN other_3 ELSE 0 END AS insurance_benefit_month,
    bases AS insured_3m,
    insured_prev_6m,
    pension_1 - exempt_1 + other_1 + pension_2 - exempt_2 + other_2 + pension_3 - exempt_3 + other_3 AS benefits_3m,
    benefits_prev_6m,
    least(last_paid, paid_before) AS last_paid_back,
    last_paid_month,
    paid_prior_months,
    employee_pension,
    unemployment_benefit
FROM (
    SELECT
        person_id,
        min(CASE WHEN paid AND recent THEN back END) AS last_paid,
        min(CASE WHEN paid AND NOT recent AND back > 0 THEN back END) AS paid_before,
        max(CASE WHEN paid THEN month END) AS last_paid_month,
        sum(CASE WHEN paid AND back >= 4 THEN 1 ELSE 0 END) AS paid_prior_months,
        sum(CASE WHEN paid AND back BETWEEN 4 AND 9 THEN pay_base ELSE 0 END) AS insured_prev_6m,
        sum(CASE WHEN back BETWEEN 4 AND 9 THEN pension - exempt + other ELSE 0 END) AS benefits_prev_6m,
        coalesce(bool_or(recent AND scheme = 'emp_pension' AND benefit_status = 'active'), false) AS employee_pension,
        coalesce(bool_or(back = 1 AND scheme = 'unemployment' AND benefit_status = 'active'), false) AS unemployment_benefit,
        min(CASE WHEN recent AND scheme = 'emp_pension' AND pay_status IS NOT NULL THEN back END) AS last_reported,
        min(CASE WHEN recent AND scheme = 'emp_pension' AND pay_status = 'paid' THEN back END) AS last_any_paid,
        min(CASE WHEN recent AND scheme = 'emp_pension' AND pay_status IN ('stopped', 'arrears') THEN back END) AS last_stopped,
        sum(CASE WHEN paid AND recent THEN pay_base ELSE 0 END) AS bases,
        sum(CASE WHEN paid AND recent THEN 1 ELSE 0 END) AS bases_count,
        min(CASE WHEN recent AND benefit_status IS NOT NULL THEN back END) AS newest,
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
            person_id, scheme, month, pay_base, pay_status, benefit_status,
            -- Months back: 1 is last month.
            CAST(date_part('year', $as_of) * 12 + date_part('month', $as_of)
                 - date_part('year', month) * 12 - date_part('month', month) AS BIGINT) AS back,
            month >= date_trunc('month', $as_of) - INTERVAL '3 months' AND month < date_trunc('month', $as_of) AS recent,
            scheme = 'emp_pension' AND pay_status = 'paid' AND employer_code IS NOT NULL AND pay_base IS NOT NULL AS paid,
            CASE WHEN benefit_status = 'active' AND scheme IN ('emp_pension', 'res_pension')
                 THEN coalesce(benefit_month, 0) ELSE 0 END AS pension,
            -- Only the residents' scheme has the centrally set part that is not income (DB57 art.13).
            CASE WHEN benefit_status = 'active' AND scheme = 'res_pension'
                 THEN least(coalesce(benefit_month, 0), coalesce(basic_pension_central, $basic_pension_central)) ELSE 0 END AS exempt,
            CASE WHEN benefit_status = 'active' AND scheme IN ('unemployment', 'injury', 'maternity')
                 THEN coalesce(benefit_month, 0) ELSE 0 END AS other
        FROM social_insurance
        WHERE month >= date_trunc('month', $as_of) - INTERVAL '12 months' AND month <= $as_of
    ) m
    GROUP BY person_id
) k
