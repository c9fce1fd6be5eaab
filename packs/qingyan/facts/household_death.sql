-- Deaths in a household, by the date of death; age in completed years as in `person`.
SELECT
    household_id,
    sum(CASE WHEN death_date > $as_of - INTERVAL '60 days' AND age_at_death BETWEEN $m010_age_from AND $m010_age_to
             THEN 1 ELSE 0 END) AS prime_age_deaths_60d,
    sum(CASE WHEN death_date > $as_of - INTERVAL '90 days' THEN 1 ELSE 0 END) AS deaths_90d,
    max(death_date) AS last_death
FROM (
    SELECT
        p.household_id,
        d.death_date,
        CAST(date_part('year', d.death_date) AS BIGINT) - CAST(date_part('year', p.birth_date) AS BIGINT)
            - CASE WHEN date_part('month', d.death_date) * 100 + date_part('day', d.death_date)
                        < date_part('month', p.birth_date) * 100 + date_part('day', p.birth_date)
                   THEN 1 ELSE 0 END AS age_at_death
    FROM death d
    JOIN (SELECT person_id, household_id, birth_date FROM person) p ON p.person_id = d.person_id
) k
GROUP BY household_id
