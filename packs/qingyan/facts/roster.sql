-- Who is on the assistance roster today. Temporary assistance is an event, not a status.
SELECT
    person_id,
    bool_or(now_on) AS on_roster,
    bool_or(now_on AND programme = 'tekun') AS on_tekun,
    bool_or(now_on AND programme = 'dibao') AS on_dibao,
    bool_or(now_on AND programme IN ('edge', 'dibao_single')) AS on_edge,
    bool_or(now_on AND programme IN ('dibao', 'dibao_single', 'tekun')) AS paid_monthly,
    min(CASE WHEN now_on THEN start_date END) AS on_roster_since,
    min(CASE WHEN now_on THEN checked_on END) AS last_reverified,
    -- Class C twice a year, the others once (DB57 art.31; OP20 para.7).
    bool_or(now_on AND CASE WHEN reverify_class = 'C' THEN checked_on < $as_of - INTERVAL '6 months'
                            ELSE checked_on < $as_of - INTERVAL '12 months' END) AS reverification_is_due,
    max(CASE WHEN programme <> 'temporary' AND end_date < $as_of THEN end_date END) AS left_roster_on,
    -- An end that is already set is that of a gradual exit (N83 para.1(3)).
    CASE WHEN sum(CASE WHEN now_on AND programme IN ('dibao', 'dibao_single') AND end_date IS NULL THEN 1 ELSE 0 END) = 0
         THEN max(CASE WHEN now_on AND programme IN ('dibao', 'dibao_single') THEN end_date END) END AS guarantee_ends_on,
    sum(CASE WHEN programme = 'temporary' AND start_date > $as_of - INTERVAL '12 months' THEN 1 ELSE 0 END) AS temporary_aids_12m
FROM (
    SELECT
        person_id, programme, start_date, end_date,
        coalesce(reverify_class, '') AS reverify_class,
        coalesce(last_reverify_date, start_date) AS checked_on,
        programme <> 'temporary' AND (end_date IS NULL OR end_date >= $as_of) AS now_on
    FROM assistance_roster
    WHERE start_date <= $as_of
) r
GROUP BY person_id
