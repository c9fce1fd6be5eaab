-- Where age alone does not say who can work: somebody of working age who cannot, somebody older who can. What a visit
-- found speaks before the lists. Only such households have a row; the others are counted by age in `household`.
SELECT
    household_id,
    sum(CASE WHEN of_age AND NOT able THEN 1 ELSE 0 END) AS unable_of_working_age,
    sum(CASE WHEN able AND NOT of_age THEN 1 ELSE 0 END) AS able_of_other_age
FROM (
    SELECT
        p.household_id,
        p.of_age,
        CASE WHEN s.found IN ('full', 'partial') THEN true
             WHEN s.found = 'none' OR coalesce(s.ill, false) THEN false
             ELSE p.of_age END AS able
    FROM (
        SELECT person_id, max(found) AS found, bool_or(ill) AS ill
        FROM (
            SELECT person_id, CAST(NULL AS VARCHAR) AS found, true AS ill FROM disability WHERE severe_disabled
            UNION ALL
            SELECT person_id, CAST(NULL AS VARCHAR), serious_disease FROM serious_illness
            UNION ALL
            SELECT person_id, work_ability, false FROM visit
        ) k
        GROUP BY person_id
    ) s
    JOIN (
        SELECT person_id, household_id, age >= $work_age_from AND age < $work_age_until AS of_age
        FROM person
        WHERE alive
    ) p ON p.person_id = s.person_id
    LEFT JOIN absence a ON a.person_id = s.person_id
    WHERE a.person_id IS NULL
) m
GROUP BY household_id
