-- Hospital stays that ended within 60 days: the long ones, and those after which people often cannot manage alone (stroke,
-- paralysis, injuries of the spine, broken hip, amputated leg). The diagnosis itself is never shown.
SELECT
    person_id,
    coalesce(bool_or(settle_date - admit_date > 30), false) AS long_stay_60d,
    coalesce(bool_or(settle_date > $as_of - INTERVAL '30 days'
        AND substr(diag_code, 1, 3) IN ('I60', 'I61', 'I62', 'I63', 'I64', 'I69', 'G81', 'G82', 'G83',
                                        'S14', 'S24', 'S34', 'S72', 'S78', 'S88')), false) AS loss_discharge_30d
FROM medical_settlement
WHERE visit_type = 'inpatient' AND NOT is_refund
  AND settle_date > $as_of - INTERVAL '60 days' AND settle_date <= $as_of
GROUP BY person_id
