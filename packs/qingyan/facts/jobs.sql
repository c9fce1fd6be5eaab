-- The employment register: who is registered as jobless today. A job taken up later ends it; one of the same day does not,
-- for nobody knows which came first.
SELECT
    person_id,
    coalesce(last_unemployed > coalesce(last_employed, DATE '1900-01-01')
        OR last_unemployed = last_employed, false) AND coalesce(valid_until >= $as_of, true) AS unemployed_registered,
    CASE WHEN last_employed IS NULL OR last_unemployed >= last_employed THEN last_unemployed END AS unemployed_since,
    last_employed AS last_employed_on,
    coalesce(hard_until >= $as_of, hard_found, false) AS hard_to_employ
FROM (
    SELECT
        person_id,
        max(CASE WHEN event_type = 'unemploy' THEN event_date END) AS last_unemployed,
        max(CASE WHEN event_type = 'unemploy' THEN valid_until END) AS valid_until,
        max(CASE WHEN event_type = 'employ' THEN event_date END) AS last_employed,
        max(CASE WHEN event_type = 'difficult' THEN valid_until END) AS hard_until,
        bool_or(event_type = 'difficult') AS hard_found
    FROM employment_register
    WHERE event_date <= $as_of
    GROUP BY person_id
) e
