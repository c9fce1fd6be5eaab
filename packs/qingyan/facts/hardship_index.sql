-- The household's latest assessment (PF03) and its answers (PF04). An item without a row was not answered and stays
-- unknown. The formula of the index stands in the assessment; PF03 carries its result.
WITH latest AS (
    SELECT * FROM (
        SELECT
            household_id, assessed_on, score_low, score_high, completeness, level, decided_by, deprivation,
            row_number() OVER (PARTITION BY household_id ORDER BY assessed_on DESC, _batch DESC, _row DESC) AS n
        FROM assessment
        WHERE assessed_on <= $as_of
    ) a WHERE n = 1
),
given AS (
    SELECT s.household_id, s.item, s.choice, s.score, s._batch, s._row
    FROM assessment_answer s
    JOIN latest l ON l.household_id = s.household_id AND l.assessed_on = s.assessed_on
),
twice AS (
    SELECT household_id FROM given GROUP BY household_id, item HAVING count(*) > 1
),
-- Only the answers of households that were asked something twice are put in order.
answer AS (
    SELECT g.household_id, g.item, g.choice, g.score
    FROM given g
    LEFT JOIN (SELECT household_id FROM twice GROUP BY household_id) t ON t.household_id = g.household_id
    WHERE t.household_id IS NULL
    UNION ALL
    SELECT household_id, item, choice, score
    FROM (
        SELECT g.household_id, g.item, g.choice, g.score,
            row_number() OVER (PARTITION BY g.household_id, g.item ORDER BY g._batch DESC, g._row DESC) AS place
        FROM given g
        JOIN (SELECT household_id FROM twice GROUP BY household_id) t ON t.household_id = g.household_id
    ) ordered
    WHERE place = 1
),
scores AS (
    SELECT
        household_id,
        max(CASE WHEN item = 'D1.1.1' THEN score END) AS item_d1_1_1,
        max(CASE WHEN item = 'D1.1.2' THEN score END) AS item_d1_1_2,
        max(CASE WHEN item = 'D1.1.3' THEN score END) AS item_d1_1_3,
        max(CASE WHEN item = 'D1.1.4' THEN score END) AS item_d1_1_4,
        max(CASE WHEN item = 'D1.2.1' THEN score END) AS item_d1_2_1,
        max(CASE WHEN item = 'D1.2.2' THEN score END) AS item_d1_2_2,
        max(CASE WHEN item = 'D1.2.3' THEN score END) AS item_d1_2_3,
        max(CASE WHEN item = 'D1.3.1' THEN score END) AS item_d1_3_1,
        max(CASE WHEN item = 'D1.3.2' THEN score END) AS item_d1_3_2,
        max(CASE WHEN item = 'D1.3.3' THEN score END) AS item_d1_3_3,
        max(CASE WHEN item = 'D2.1.1' THEN score END) AS item_d2_1_1,
        max(CASE WHEN item = 'D2.1.2' THEN score END) AS item_d2_1_2,
        max(CASE WHEN item = 'D2.1.3' THEN score END) AS item_d2_1_3,
        max(CASE WHEN item = 'D2.2.1' THEN score END) AS item_d2_2_1,
        max(CASE WHEN item = 'D2.2.2' THEN score END) AS item_d2_2_2,
        max(CASE WHEN item = 'D2.2.3' THEN score END) AS item_d2_2_3,
        max(CASE WHEN item = 'D3.1.1' THEN score END) AS item_d3_1_1,
        max(CASE WHEN item = 'D3.1.2' THEN score END) AS item_d3_1_2,
        max(CASE WHEN item = 'D3.1.3' THEN score END) AS item_d3_1_3,
        max(CASE WHEN item = 'D3.2.1' THEN score END) AS item_d3_2_1,
        max(CASE WHEN item = 'D3.2.2' THEN score END) AS item_d3_2_2,
        max(CASE WHEN item = 'D3.2.3' THEN score END) AS item_d3_2_3,
        max(CASE WHEN item = 'D4.1.1' THEN score END) AS item_d4_1_1,
        max(CASE WHEN item = 'D4.1.2' THEN score END) AS item_d4_1_2,
        max(CASE WHEN item = 'D4.1.3' THEN score END) AS item_d4_1_3,
        max(CASE WHEN item = 'D4.2.1' THEN score END) AS item_d4_2_1,
        max(CASE WHEN item = 'D4.2.2' THEN score END) AS item_d4_2_2,
        max(CASE WHEN item = 'D4.2.3' THEN score END) AS item_d4_2_3,
        max(CASE WHEN item = 'D4.3.1' THEN score END) AS item_d4_3_1,
        max(CASE WHEN item = 'D4.3.2' THEN score END) AS item_d4_3_2,
        max(CASE WHEN item = 'D5.1.1' THEN score END) AS item_d5_1_1,
        max(CASE WHEN item = 'D5.1.2' THEN score END) AS item_d5_1_2,
        max(CASE WHEN item = 'D5.2.1' THEN score END) AS item_d5_2_1,
        max(CASE WHEN item = 'D5.2.2' THEN score END) AS item_d5_2_2,
        max(CASE WHEN item = 'D6.1.1' THEN score END) AS item_d6_1_1,
        max(CASE WHEN item = 'D6.1.2' THEN score END) AS item_d6_1_2,
        max(CASE WHEN item = 'D6.1.3' THEN score END) AS item_d6_1_3,
        max(CASE WHEN item = 'D6.2.1' THEN score END) AS item_d6_2_1,
        max(CASE WHEN item = 'D6.2.2' THEN score END) AS item_d6_2_2,
        max(CASE WHEN item = 'D6.2.3' THEN score END) AS item_d6_2_3,
        bool_or(CASE WHEN item = 'D6.1.1' THEN choice = 'child_without_parents' END) AS item_d6_1_1_child
    FROM answer
    GROUP BY household_id
)
SELECT
    l.household_id,
    l.assessed_on,
    l.score_low AS index_score,
    l.score_high AS index_score_high,
    l.level AS index_level,
    l.decided_by AS index_decided_by,
    l.deprivation AS index_deprivation,
    l.completeness AS index_completeness,
    s.item_d1_1_1,
    s.item_d1_1_2,
    s.item_d1_1_3,
    s.item_d1_1_4,
    s.item_d1_2_1,
    s.item_d1_2_2,
    s.item_d1_2_3,
    s.item_d1_3_1,
    s.item_d1_3_2,
    s.item_d1_3_3,
    s.item_d2_1_1,
    s.item_d2_1_2,
    s.item_d2_1_3,
    s.item_d2_2_1,
    s.item_d2_2_2,
    s.item_d2_2_3,
    s.item_d3_1_1,
    s.item_d3_1_2,
    s.item_d3_1_3,
    s.item_d3_2_1,
    s.item_d3_2_2,
    s.item_d3_2_3,
    s.item_d4_1_1,
    s.item_d4_1_2,
    s.item_d4_1_3,
    s.item_d4_2_1,
    s.item_d4_2_2,
    s.item_d4_2_3,
    s.item_d4_3_1,
    s.item_d4_3_2,
    s.item_d5_1_1,
    s.item_d5_1_2,
    s.item_d5_2_1,
    s.item_d5_2_2,
    s.item_d6_1_1,
    s.item_d6_1_2,
    s.item_d6_1_3,
    s.item_d6_2_1,
    s.item_d6_2_2,
    s.item_d6_2_3,
    s.item_d6_1_1_child
FROM latest l
LEFT JOIN scores s ON s.household_id = l.household_id
