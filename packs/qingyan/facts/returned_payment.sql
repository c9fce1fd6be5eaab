-- Payments of 90 days that the bank sent back and that nobody has paid again.
SELECT
    p.household_id,
    count(*) AS payments_returned,
    min(x.pay_date) AS first_returned_on
FROM (
    SELECT r.pay_id, r.person_id, r.pay_date
    FROM (
        SELECT pay_id, coalesce(beneficiary_person_id, payee_person_id) AS person_id, programme, pay_month, pay_date
        FROM assistance_payment
        WHERE status = 'returned' AND pay_date > $as_of - INTERVAL '90 days' AND pay_date <= $as_of
    ) r
    LEFT JOIN (
        SELECT coalesce(beneficiary_person_id, payee_person_id) AS person_id, programme, pay_month, pay_date
        FROM assistance_payment
        WHERE status = 'paid' AND pay_date > $as_of - INTERVAL '90 days' AND pay_date <= $as_of
    ) again
      ON again.person_id = r.person_id AND again.programme = r.programme AND again.pay_month = r.pay_month
     AND again.pay_date >= r.pay_date
    WHERE again.person_id IS NULL
) x
JOIN (SELECT person_id, household_id FROM person) p ON p.person_id = x.person_id
GROUP BY p.household_id
