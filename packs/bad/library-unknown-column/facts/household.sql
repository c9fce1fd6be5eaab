SELECT household_id,
       min(county_code) AS county_code,
       min(region_code) AS region_code,
       min(area) AS area,
       count(*) AS size,
       count(*) FILTER (WHERE age >= 60) AS elders,
       sum(wage) AS income
FROM person
GROUP BY household_id
