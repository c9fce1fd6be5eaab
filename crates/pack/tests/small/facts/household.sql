-- the sum of the wages; $nothing here is a parameter
SELECT household_id,
       SUM(wage) AS income
FROM person GROUP BY household_id
