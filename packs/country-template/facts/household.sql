SELECT
    household_id,
    min(county_code) AS county_code, min(region_code) AS region_code, max(area) AS area,
    count(*) AS size,
    sum(CASE WHEN role = 'parent' THEN 1 ELSE 0 END) AS parents,
    min(age) AS youngest_age
FROM person
GROUP BY household_id
