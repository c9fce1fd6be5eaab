-- Income of each counted member by the order of trust: home visit, tax, social insurance, declaration (QY-2026). A ruling
-- on contradicting values comes before all of them.
-- Cost of working: part of the wage, at most part of the standard; rounded up to the fen, in the citizen's favour.
-- What the lists say is put together for those who stand in one before everybody is looked at: most stand in none.
WITH earned AS (
    SELECT
        coalesce(i.person_id, t.person_id) AS person_id,
        i.insured_wage_month AS insured,
        -- Where the last insured month says that the work ended, the tax of the months before says nothing any more.
        CASE WHEN NOT coalesce(i.contribution_stopped, false) THEN t.taxed_wage_month END AS taxed,
        i.pension_month + i.insurance_benefit_month AS paid,
        i.pension_month - i.pension_exempt_month + i.insurance_benefit_month AS benefits
    FROM insurance i
    FULL JOIN tax t ON t.person_id = i.person_id
),
said AS (
    SELECT
        coalesce(v.person_id, d.person_id) AS person_id,
        v.visited_wage_month AS visited,
        d.declared_wage_month AS declared,
        d.declared_other_income_month AS other,
        d.declared_own_medical_12m AS bills
    FROM visit v
    FULL JOIN declared d ON d.person_id = v.person_id
),
answered AS (
    SELECT
        coalesce(r.person_id, s.person_id) AS person_id,
        r.ruled_wage_month AS ruled,
        s.visited, s.declared, s.other, s.bills
    FROM ruling r
    FULL JOIN said s ON s.person_id = r.person_id
),
ill AS (
    SELECT
        coalesce(l.person_id, c.person_id) AS person_id,
        coalesce(c.severe_disabled, false) AS severe,
        l.serious_disease AS serious
    FROM serious_illness l
    FULL JOIN disability c ON c.person_id = l.person_id
),
cost AS (
    SELECT coalesce(m.person_id, i.person_id) AS person_id, m.oop_12m AS bills, i.severe, i.serious
    FROM medical m
    FULL JOIN ill i ON i.person_id = m.person_id
),
told AS (
    SELECT
        coalesce(c.person_id, s.person_id) AS person_id,
        c.severe, c.serious, s.ruled, s.visited, s.declared, s.other,
        greatest(coalesce(c.bills, 0), coalesce(s.bills, 0), 0) AS bills
    FROM cost c
    FULL JOIN answered s ON s.person_id = c.person_id
)
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
        p.age < 16 OR coalesce(k.known OR k.reported_known, false) AS income_known,
        p.age < 16 OR coalesce(k.reported_known, false) AS reported_known,
        coalesce(k.reported_wage, 0) AS reported_wage,
        coalesce(k.benefits, 0) AS benefits,
        coalesce(k.wage, 0) AS wage,
        coalesce(k.other, 0) AS other,
        coalesce(k.severe, false) AS severe,
        k.serious,
        coalesce(k.bills, 0) AS bills
    FROM (
        SELECT p.person_id, p.household_id, p.age
        FROM (SELECT person_id, household_id, age FROM person WHERE alive) p
        LEFT JOIN absence a ON a.person_id = p.person_id
        WHERE a.person_id IS NULL
    ) p
    JOIN (SELECT household_id, dibao_standard FROM household) h ON h.household_id = p.household_id
    LEFT JOIN (
        SELECT
            coalesce(e.person_id, t.person_id) AS person_id,
            t.ruled IS NOT NULL OR t.visited IS NOT NULL OR t.declared IS NOT NULL OR t.other IS NOT NULL AS known,
            e.taxed IS NOT NULL OR e.insured IS NOT NULL OR coalesce(e.paid, 0) > 0 AS reported_known,
            coalesce(e.taxed, e.insured, 0) AS reported_wage,
            coalesce(e.benefits, 0) AS benefits,
            coalesce(t.ruled, t.visited, e.taxed, e.insured, t.declared, 0) AS wage,
            coalesce(e.benefits, 0) + coalesce(t.other, 0) AS other,
            t.severe, t.serious, t.bills
        FROM earned e
        FULL JOIN told t ON t.person_id = e.person_id
    ) k ON k.person_id = p.person_id
) s
