-- An application is in hand: a case of the household runs, or something was declared within three months.
SELECT household_id, true AS application_in_hand
FROM (
    SELECT household_id
    FROM (
        SELECT household_id, case_no, min(ended_on) AS ended, max(started_on) AS started
        FROM case_step
        WHERE started_on <= $as_of AND step IN ('submitted', 'returned', 'awaiting_consent', 'accepted', 'checking', 'surveying',
                                                'manual_check', 'reviewed', 'publicised', 'objection', 'confirming')
        GROUP BY household_id, case_no, step, started_on
    ) s
    WHERE ended IS NULL OR ended > $as_of
    UNION ALL
    SELECT household_id FROM declared_facts
    WHERE declared_date > $as_of - INTERVAL '3 months' AND declared_date <= $as_of
) k
WHERE household_id IS NOT NULL
GROUP BY household_id
