-- What home visits found, newest row a person. What a visit found about the whole household (a row without a person)
-- is used where the person's own row says nothing: whether there is an able supporter.
WITH newest AS (
    SELECT *,
        row_number() OVER (PARTITION BY household_id, person_id ORDER BY visit_date DESC, _batch DESC, _row DESC) AS place
    FROM home_visit
    WHERE visit_date <= $as_of
),
own AS (
    SELECT person_id, visit_date, self_care_fail, has_able_supporter, work_ability, lives_here, wage_month, serious_disease,
        row_number() OVER (PARTITION BY person_id ORDER BY visit_date DESC, _batch DESC, _row DESC) AS place
    FROM home_visit
    WHERE visit_date <= $as_of AND person_id IS NOT NULL
),
shared AS (
    SELECT p.person_id, n.has_able_supporter
    FROM (SELECT household_id, has_able_supporter FROM newest WHERE person_id IS NULL AND place = 1) n
    JOIN (SELECT person_id, household_id FROM person WHERE alive) p ON p.household_id = n.household_id
)
SELECT
    person_id,
    max(visited_on) AS visited_on,
    coalesce(max(visited_on) > $as_of - INTERVAL '90 days', false) AS visited_90d,
    max(self_care_fail) AS self_care_fail,
    coalesce(bool_or(own_supporter), bool_or(household_supporter)) AS has_able_supporter,
    max(work_ability) AS work_ability,
    bool_or(lives_here) AS lives_here,
    max(visited_wage_month) AS visited_wage_month,
    bool_or(serious_disease) AS visited_serious_disease
FROM (
    SELECT person_id, visit_date AS visited_on, self_care_fail, has_able_supporter AS own_supporter,
        CAST(NULL AS BOOLEAN) AS household_supporter, work_ability, lives_here, wage_month AS visited_wage_month,
        serious_disease
    FROM own WHERE place = 1
    UNION ALL
    SELECT person_id, CAST(NULL AS DATE), CAST(NULL AS BIGINT), CAST(NULL AS BOOLEAN),
        has_able_supporter, CAST(NULL AS VARCHAR), CAST(NULL AS BOOLEAN), CAST(NULL AS BIGINT), CAST(NULL AS BOOLEAN)
    FROM shared
) v
GROUP BY person_id
