-- Open entries on the lists of the trade union and the women's federation, the two that name a hardship (M025).
SELECT person_id, max(start_date) AS partner_new_on
FROM partner_hardship_roster
WHERE roster IN ('worker', 'women_cancer') AND start_date <= $as_of AND (end_date IS NULL OR end_date >= $as_of)
GROUP BY person_id
