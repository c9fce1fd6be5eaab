-- The disease register of the health commission. It knows the patients of family doctors and hospitals only.
SELECT
    person_id,
    bool_or(list_type = 'serious') AS registered_serious,
    min(CASE WHEN list_type = 'serious' THEN first_on END) AS serious_since,
    max(CASE WHEN list_type = 'serious' THEN last_on END) AS serious_newest,
    coalesce(max(CASE WHEN list_type = 'serious' THEN last_on END) > $as_of - INTERVAL '90 days', false) AS serious_is_new,
    sum(CASE WHEN list_type = 'chronic' AND disease_code IS NOT NULL THEN 1 ELSE 0 END) AS chronic_count,
    bool_or(list_type IN ('mental', 'dementia')) AS registered_mind
FROM (
    -- One row an illness and list: an illness that stands there twice counts once.
    SELECT person_id, list_type, disease_code, min(confirm_date) AS first_on, max(confirm_date) AS last_on
    FROM disease_register
    WHERE status = 'active' AND confirm_date <= $as_of
    GROUP BY person_id, list_type, disease_code
) k
GROUP BY person_id
