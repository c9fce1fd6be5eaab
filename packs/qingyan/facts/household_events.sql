-- What befell the people of a household within 90 days, for those who left assistance or were refused.
SELECT
    household_id,
    sum(certificates) AS new_certificates,
    sum(illnesses) AS new_illnesses,
    sum(jobs_lost) AS new_jobless,
    max(happened) AS last_hardship_on
FROM (
    SELECT p.household_id,
        CASE WHEN p.alive AND e.what = 'certificate' THEN 1 ELSE 0 END AS certificates,
        CASE WHEN p.alive AND e.what = 'illness' THEN 1 ELSE 0 END AS illnesses,
        CASE WHEN p.alive AND e.what = 'job' AND p.age BETWEEN $m006_age_from AND $m006_age_to THEN 1 ELSE 0 END AS jobs_lost,
        CASE WHEN e.what = 'death' OR (p.alive AND (e.what <> 'job' OR p.age BETWEEN $m006_age_from AND $m006_age_to))
             THEN e.happened END AS happened
    FROM (
        SELECT person_id, 'certificate' AS what, certificate_issued AS happened FROM disability WHERE certificate_is_new
        UNION ALL
        SELECT person_id, 'illness', serious_newest FROM disease WHERE serious_is_new
        UNION ALL
        SELECT person_id, 'job', jobless_on FROM joblessness WHERE newly_jobless
        UNION ALL
        SELECT person_id, 'death', death_date FROM death WHERE death_date > $as_of - INTERVAL '90 days'
        UNION ALL
        SELECT person_id, 'custody', custody_start FROM custody WHERE in_custody AND custody_is_new
    ) e
    JOIN (SELECT person_id, household_id, alive, age FROM person) p ON p.person_id = e.person_id
    UNION ALL
    SELECT household_id, 0, 0, 0, last_calamity FROM household_calamity WHERE last_calamity IS NOT NULL
) k
GROUP BY household_id
