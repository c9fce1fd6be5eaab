-- Self-paid medical cost of 12 months. A refund is a row that takes cost back, whatever its sign in the file.
SELECT
    person_id,
    sum(policy + outside) AS oop_12m,
    sum(policy) AS oop_policy_12m,
    sum(assist) AS assisted_12m,
    sum(CASE WHEN settle_date > $as_of - INTERVAL '3 months' THEN policy + outside ELSE 0 END) AS oop_3m,
    sum(CASE WHEN settle_date <= $as_of - INTERVAL '3 months' THEN policy + outside ELSE 0 END) AS oop_prev_9m,
    sum(CASE WHEN visit_type = 'inpatient' AND NOT is_refund THEN 1 ELSE 0 END) AS admissions_12m,
    -- Somebody was seen by a doctor; a medicine bought with the card proves nothing.
    bool_or(visit_type <> 'pharmacy' AND NOT is_refund AND settle_date > $as_of - INTERVAL '90 days') AS seen_90d
FROM (
    SELECT
        person_id, settle_date, visit_type, is_refund,
        CASE WHEN is_refund THEN -abs(oop_policy) ELSE oop_policy END AS policy,
        CASE WHEN is_refund THEN -abs(fund_assist) ELSE fund_assist END AS assist,
        CASE WHEN is_refund THEN -abs(oop_outside) ELSE oop_outside END AS outside
    FROM medical_settlement
    WHERE settle_date > $as_of - INTERVAL '12 months' AND settle_date <= $as_of
) s
GROUP BY person_id
