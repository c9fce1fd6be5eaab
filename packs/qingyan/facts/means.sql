-- Income of each counted member by the order of trust: home visit, tax, social insurance, declaration (QY-2026).
-- Cost of working: part of the wage, at most part of the standard; rounded up to the fen, in the citizen's favour.
SELECT
    person_id,
    income_known,
    wage AS wage_counted_month,
    CASE WHEN wage > 0
         THEN least((wage * $emp_cost_wage + 999) / 1000, dibao_standard * $emp_cost_cap / 1000) ELSE 0 END AS wage_cost_month,
    other AS other_counted_month,
    wage + other AS own_income_month,
    CASE WHEN severe OR serious THEN bills ELSE 0 END AS hardship_cost_12m,
    -- Nobody has said yet whether the illness is on the serious list: the most that might be taken off.
    CASE WHEN severe OR serious OR serious IS NULL THEN bills ELSE 0 END AS hardship_cost_possible_12m,
    greatest(CASE WHEN age >= $top_up_elder_age THEN $top_up_elder ELSE 0 END,
             CASE WHEN age < 18 THEN $top_up_minor ELSE 0 END,
             CASE WHEN severe THEN $top_up_severe ELSE 0 END,
             CASE WHEN serious THEN $top_up_serious ELSE 0 END) AS top_up_share,
    reported_known,
    -- What the departments report, whatever was declared or seen.
    reported_wage + benefits
        - CASE WHEN reported_wage > 0 THEN least((reported_wage * $emp_cost_wage + 999) / 1000,
                                                 dibao_standard * $emp_cost_cap / 1000) ELSE 0 END AS reported_income_month
FROM (
    SELECT
        p.person_id,
        p.age,
        h.dibao_standard,
        -- A child below 16 earns nothing that counts; anybody else needs some source that says so.
        p.age < 16
            OR v.visited_wage_month IS NOT NULL
            OR (t.taxed_wage_month IS NOT NULL AND NOT coalesce(i.contribution_stopped, false))
            OR i.insured_wage_month IS NOT NULL
            OR coalesce(i.pension_month, 0) + coalesce(i.insurance_benefit_month, 0) > 0
            OR d.declared_wage_month IS NOT NULL
            OR d.declared_other_income_month IS NOT NULL AS income_known,
        p.age < 16
            OR (t.taxed_wage_month IS NOT NULL AND NOT coalesce(i.contribution_stopped, false))
            OR i.insured_wage_month IS NOT NULL
            OR coalesce(i.pension_month, 0) + coalesce(i.insurance_benefit_month, 0) > 0 AS reported_known,
        -- Where the last insured month says that the work ended, the tax of the months before says nothing any more.
        coalesce(CASE WHEN NOT coalesce(i.contribution_stopped, false) THEN t.taxed_wage_month END, i.insured_wage_month, 0)
            AS reported_wage,
        coalesce(i.pension_month - i.pension_exempt_month + i.insurance_benefit_month, 0) AS benefits,
        coalesce(v.visited_wage_month,
                 CASE WHEN NOT coalesce(i.contribution_stopped, false) THEN t.taxed_wage_month END,
                 i.insured_wage_month, d.declared_wage_month, 0) AS wage,
        coalesce(i.pension_month - i.pension_exempt_month + i.insurance_benefit_month, 0)
            + coalesce(d.declared_other_income_month, 0) AS other,
        coalesce(c.severe_disabled, false) AS severe,
        l.serious_disease AS serious,
        greatest(coalesce(m.oop_12m, 0), coalesce(d.declared_own_medical_12m, 0), 0) AS bills
    FROM (SELECT person_id, household_id, age FROM person WHERE alive) p
    JOIN (SELECT household_id, dibao_standard FROM household) h ON h.household_id = p.household_id
    LEFT JOIN absence a ON a.person_id = p.person_id
    LEFT JOIN visit v ON v.person_id = p.person_id
    LEFT JOIN serious_illness l ON l.person_id = p.person_id
    LEFT JOIN insurance i ON i.person_id = p.person_id
    LEFT JOIN tax t ON t.person_id = p.person_id
    LEFT JOIN declared d ON d.person_id = p.person_id
    LEFT JOIN disability c ON c.person_id = p.person_id
    LEFT JOIN medical m ON m.person_id = p.person_id
    WHERE a.person_id IS NULL
) k
