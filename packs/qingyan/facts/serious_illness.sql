-- On the serious list by the health commission's register or by what a visit found. No row in the register is not good
-- health: who stands nowhere is unknown.
SELECT person_id, bool_or(serious) AS serious_disease
FROM (
    SELECT person_id, true AS serious
    FROM disease_register
    WHERE list_type = 'serious' AND status = 'active' AND confirm_date <= $as_of
    UNION ALL
    SELECT person_id, visited_serious_disease FROM visit
) s
GROUP BY person_id
