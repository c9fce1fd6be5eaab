-- What a person declared about the own income and bills; the newest declaration speaks.
SELECT
    person_id,
    wage_month AS declared_wage_month,
    other_income_month AS declared_other_income_month,
    self_paid_medical_12m AS declared_own_medical_12m
FROM (
    SELECT person_id, wage_month, other_income_month, self_paid_medical_12m,
        row_number() OVER (PARTITION BY person_id ORDER BY declared_date DESC, _batch DESC, _row DESC) AS place
    FROM declared_facts
    WHERE person_id IS NOT NULL AND declared_date <= $as_of
) d
WHERE place = 1
