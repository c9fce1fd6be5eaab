-- Rigid expenditure of 12 months (RX art.5): living by the local measure, medical within policy, education at public
-- prices, rehabilitation. What was not declared is only known where nobody could have had it, or where the school register
-- holds everybody of school age; of a declaration and the register the higher counts, since universities elsewhere are not in it.
SELECT
    household_id,
    living_cost AS rigid_living_12m,
    medical AS rigid_medical_12m,
    education AS rigid_education_12m,
    rehabilitation AS rigid_rehabilitation_12m,
    living_cost + medical + coalesce(education, 0) + coalesce(rehabilitation, 0) AS rigid_12m,
    education IS NOT NULL AND rehabilitation IS NOT NULL AS rigid_complete
FROM (
    SELECT
        h.household_id,
        h.dibao_standard * h.size * 12 AS living_cost,
        greatest(coalesce(m.household_oop_policy_12m, 0), coalesce(d.declared_medical_12m, 0), 0) AS medical,
        CASE WHEN d.declared_education_12m IS NOT NULL THEN greatest(d.declared_education_12m, coalesce(e.cost, 0))
             WHEN h.school_age = 0 THEN coalesce(e.cost, 0)
             WHEN e.students >= h.school_age THEN e.cost END AS education,
        CASE WHEN d.declared_rehabilitation_12m IS NOT NULL THEN d.declared_rehabilitation_12m
             WHEN c.household_id IS NULL THEN 0 END AS rehabilitation
    FROM (SELECT household_id, size, school_age, dibao_standard FROM household) h
    LEFT JOIN household_medical m ON m.household_id = h.household_id
    LEFT JOIN household_declared d ON d.household_id = h.household_id
    LEFT JOIN (
        SELECT p.household_id, sum(s.school_cost_12m) AS cost, sum(CASE WHEN p.age BETWEEN 3 AND 25 THEN 1 ELSE 0 END) AS students
        FROM school s
        JOIN (SELECT person_id, household_id, age FROM person WHERE alive) p ON p.person_id = s.person_id
        LEFT JOIN absence a ON a.person_id = s.person_id
        WHERE a.person_id IS NULL
        GROUP BY p.household_id
    ) e ON e.household_id = h.household_id
    LEFT JOIN (
        SELECT p.household_id
        FROM disability x
        JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.person_id = x.person_id
        WHERE x.certificate_valid
        GROUP BY p.household_id
    ) c ON c.household_id = h.household_id
) k
