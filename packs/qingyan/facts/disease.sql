-- The disease register of the health commission. It knows the patients of family doctors and hospitals only.
SELECT
    person_id,
    bool_or(list_type = 'serious') AS registered_serious,
    min(CASE WHEN list_type = 'serious' THEN confirm_date END) AS serious_since,
    max(CASE WHEN list_type = 'serious' THEN confirm_date END) AS serious_newest,
    coalesce(max(CASE WHEN list_type = 'serious' THEN confirm_date END) > $as_of - INTERVAL '90 days', false) AS serious_is_new,
    count(DISTINCT CASE WHEN list_type = 'chronic' THEN disease_code END) AS chronic_count,
    bool_or(list_type IN ('mental', 'dementia')) AS registered_mind
FROM disease_register
WHERE status = 'active' AND confirm_date <= $as_of
GROUP BY person_id
