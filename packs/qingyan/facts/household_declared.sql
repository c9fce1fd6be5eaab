-- What was declared for the household: a row without a person speaks for all, otherwise the members' rows are put together.
-- One home or one car that two members both name is one, so those take the highest figure and not the sum.
SELECT
    household_id,
    sum(CASE WHEN person_id IS NULL THEN coalesce(wage_month, 0) + coalesce(other_income_month, 0) ELSE 0 END)
        AS declared_shared_income_month,
    coalesce(max(CASE WHEN person_id IS NULL THEN fin_assets END), sum(fin_assets)) AS declared_fin_assets,
    coalesce(max(CASE WHEN person_id IS NULL THEN home_count END), max(home_count)) AS declared_home_count,
    coalesce(max(CASE WHEN person_id IS NULL THEN vehicle_value END), max(vehicle_value)) AS declared_vehicle_value,
    coalesce(max(CASE WHEN person_id IS NULL THEN company_capital END), sum(company_capital)) AS declared_company_capital,
    coalesce(max(CASE WHEN person_id IS NULL THEN self_paid_medical_12m END), sum(self_paid_medical_12m)) AS declared_medical_12m,
    coalesce(max(CASE WHEN person_id IS NULL THEN education_12m END), sum(education_12m)) AS declared_education_12m,
    coalesce(max(CASE WHEN person_id IS NULL THEN rehabilitation_12m END), sum(rehabilitation_12m)) AS declared_rehabilitation_12m
FROM (
    SELECT *,
        row_number() OVER (PARTITION BY household_id, person_id ORDER BY declared_date DESC, _batch DESC, _row DESC) AS place
    FROM declared_facts
    WHERE declared_date <= $as_of
) d
WHERE place = 1
GROUP BY household_id
