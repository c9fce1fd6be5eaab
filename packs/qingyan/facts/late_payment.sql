-- Money paid for months after the month of death. Without a named beneficiary the payee is meant.
SELECT
    person_id,
    count(*) AS paid_after_death_count,
    sum(amount) AS paid_after_death,
    max(pay_month) AS paid_after_death_last
FROM (
    SELECT d.person_id, d.death_date, x.amount, x.pay_month
    FROM death d
    JOIN (
        SELECT coalesce(beneficiary_person_id, payee_person_id) AS person_id, amount, pay_month
        FROM assistance_payment
        WHERE status = 'paid' AND pay_date > $as_of - INTERVAL '12 months' AND pay_date <= $as_of
    ) x ON x.person_id = d.person_id
    WHERE x.pay_month > date_trunc('month', d.death_date)
) k
GROUP BY person_id
