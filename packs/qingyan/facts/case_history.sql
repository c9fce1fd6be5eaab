-- Steps of the household's cases. A step that ended later comes as a second row of the same step, so the rows of one
-- step are put together first. Steps that wait for the citizen are nobody's delay.
SELECT
    household_id,
    sum(CASE WHEN running AND with_officers AND due_on < $as_of THEN 1 ELSE 0 END) AS steps_overdue,
    min(CASE WHEN running AND with_officers AND due_on < $as_of THEN due_on END) AS oldest_due_on,
    max(refused_on) AS last_refused_on,
    min(CASE WHEN running AND step = 'gradual_exit' THEN started_on END) AS gradual_exit_since,
    min(CASE WHEN running AND step = 'gradual_exit' THEN due_on END) AS gradual_exit_until
FROM (
    SELECT
        household_id, step, started_on,
        min(ended_on) IS NULL OR min(ended_on) > $as_of AS running,
        max(due_on) AS due_on,
        -- Whatever step the refusal stands on, the day it was decided.
        max(CASE WHEN outcome = 'refused' AND (ended_on IS NULL OR ended_on <= $as_of) THEN coalesce(ended_on, started_on)
                 WHEN step = 'refused' THEN started_on END) AS refused_on,
        step IN ('submitted', 'accepted', 'checking', 'surveying', 'manual_check', 'reviewed', 'publicised',
                 'objection', 'confirming') AS with_officers
    FROM case_step
    WHERE started_on <= $as_of
    GROUP BY household_id, case_no, step, started_on
) s
GROUP BY household_id
