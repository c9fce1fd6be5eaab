-- Cash that reached the household in 12 months and from how many lists. Price and heating subsidies come with another
-- list and are no list of their own; their money counts.
SELECT
    household_id,
    sum(is_list) AS aid_rosters,
    sum(amount) AS aid_total_12m
FROM (
    SELECT p.household_id, x.list, max(x.is_list) AS is_list, sum(x.amount) AS amount
    FROM (
        SELECT
            coalesce(beneficiary_person_id, payee_person_id) AS person_id,
            programme AS list,
            CASE WHEN programme IN ('price', 'heating', 'other') THEN 0 ELSE 1 END AS is_list,
            sum(amount) AS amount
        FROM assistance_payment
        WHERE status = 'paid' AND pay_date > $as_of - INTERVAL '12 months' AND pay_date <= $as_of
        GROUP BY coalesce(beneficiary_person_id, payee_person_id), programme
        UNION ALL
        SELECT person_id, 'partner ' || roster, 1, sum(aid_amount_12m)
        FROM partner_hardship_roster
        WHERE start_date <= $as_of AND (end_date IS NULL OR end_date > $as_of - INTERVAL '12 months')
          AND aid_amount_12m > 0
        GROUP BY person_id, roster
    ) x
    JOIN (SELECT person_id, household_id FROM person) p ON p.person_id = x.person_id
    GROUP BY p.household_id, x.list
) k
GROUP BY household_id
