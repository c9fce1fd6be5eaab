-- Everybody registered under one number. `size` counts the living who are not away; the higher standard applies
-- where members' registrations differ.
SELECT
    household_id, substr(region_code, 1, 6) || '000000' AS county_code, region_code, area,
    size, living, adults, minors, working_age, elders, elders_65, oldest, pupils_age, school_age,
    CASE area WHEN 'rural' THEN $dibao_standard_rural ELSE $dibao_standard_urban END AS dibao_standard,
    CASE area WHEN 'rural' THEN $pcdi_prev_year_rural ELSE $pcdi_prev_year_urban END AS pcdi_prev_year
FROM (
    SELECT
        household_id,
        min(region_code) AS region_code,
        CASE WHEN bool_or(area = 'urban') THEN 'urban' ELSE 'rural' END AS area,
        sum(living) AS living,
        sum(counted) AS size,
        sum(CASE WHEN age >= 18 THEN counted ELSE 0 END) AS adults,
        sum(CASE WHEN age < 18 THEN counted ELSE 0 END) AS minors,
        sum(CASE WHEN age >= 60 THEN counted ELSE 0 END) AS elders,
        sum(CASE WHEN age >= $work_age_from AND age < $work_age_until THEN counted ELSE 0 END) AS working_age,
        sum(CASE WHEN age >= $m048_age THEN counted ELSE 0 END) AS elders_65,
        max(CASE WHEN counted = 1 THEN age END) AS oldest,
        sum(CASE WHEN age BETWEEN 6 AND 17 THEN counted ELSE 0 END) AS pupils_age,
        -- Kindergarten to bachelor's degree (RX art.5).
        sum(CASE WHEN age BETWEEN 3 AND 25 THEN counted ELSE 0 END) AS school_age
    FROM (
        SELECT p.household_id, p.region_code, p.area, p.age,
            CASE WHEN p.alive THEN 1 ELSE 0 END AS living,
            CASE WHEN p.alive AND a.person_id IS NULL THEN 1 ELSE 0 END AS counted
        FROM person p
        LEFT JOIN absence a ON a.person_id = p.person_id
    ) m
    GROUP BY household_id
) h
