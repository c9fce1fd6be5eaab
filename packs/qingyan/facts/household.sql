-- Everybody registered under one number. `size` counts the living who are not away; the higher standard applies
-- where members' registrations differ.
SELECT
    household_id, county_code, region_code, area,
    size, living, adults, minors, working_age, elders, elders_65, oldest, pupils_age, school_age,
    CASE area WHEN 'rural' THEN $dibao_standard_rural ELSE $dibao_standard_urban END AS dibao_standard,
    CASE area WHEN 'rural' THEN $pcdi_prev_year_rural ELSE $pcdi_prev_year_urban END AS pcdi_prev_year
FROM (
    SELECT
        p.household_id,
        min(p.county_code) AS county_code,
        min(p.region_code) AS region_code,
        max(p.area) AS area,
        sum(CASE WHEN p.alive THEN 1 ELSE 0 END) AS living,
        sum(CASE WHEN p.alive AND a.person_id IS NULL THEN 1 ELSE 0 END) AS size,
        sum(CASE WHEN p.alive AND a.person_id IS NULL AND p.age >= 18 THEN 1 ELSE 0 END) AS adults,
        sum(CASE WHEN p.alive AND a.person_id IS NULL AND p.age < 18 THEN 1 ELSE 0 END) AS minors,
        sum(CASE WHEN p.alive AND a.person_id IS NULL AND p.age >= 60 THEN 1 ELSE 0 END) AS elders,
        sum(CASE WHEN p.alive AND a.person_id IS NULL AND p.age >= $work_age_from AND p.age < $work_age_until THEN 1 ELSE 0 END) AS working_age,
        sum(CASE WHEN p.alive AND a.person_id IS NULL AND p.age >= $m048_age THEN 1 ELSE 0 END) AS elders_65,
        max(CASE WHEN p.alive AND a.person_id IS NULL THEN p.age END) AS oldest,
        sum(CASE WHEN p.alive AND a.person_id IS NULL AND p.age BETWEEN 6 AND 17 THEN 1 ELSE 0 END) AS pupils_age,
        -- Kindergarten to bachelor's degree (RX art.5).
        sum(CASE WHEN p.alive AND a.person_id IS NULL AND p.age BETWEEN 3 AND 25 THEN 1 ELSE 0 END) AS school_age
    FROM person p
    LEFT JOIN absence a ON a.person_id = p.person_id
    GROUP BY p.household_id
) h
