-- Everybody whom the register holds, and those it has closed because they died: an alert about a death needs them, and so
-- does somebody who was ruled to be alive after all.
-- Age is in completed years, exact on the birthday; somebody born on 29 February completes a year on 1 March.
WITH twice AS (
    SELECT person_id FROM household_register GROUP BY person_id HAVING count(*) > 1
),
-- The newest row of each. Only the few who stand in the register twice are put in order: sorting everybody costs the
-- pass a second at 550,000 people.
newest AS (
    SELECT r.person_id, r.household_id, r.reg_region_code, r.reg_type, r.reg_status, r.birth_date, r.sex, r.relation_to_head
    FROM household_register r
    LEFT JOIN twice t ON t.person_id = r.person_id
    WHERE t.person_id IS NULL
    UNION ALL
    SELECT person_id, household_id, reg_region_code, reg_type, reg_status, birth_date, sex, relation_to_head
    FROM (
        SELECT r.*,
            row_number() OVER (PARTITION BY r.person_id ORDER BY r.update_time DESC, r._batch DESC, r._row DESC) AS place
        FROM household_register r
        JOIN twice t ON t.person_id = r.person_id
    ) ordered
    WHERE place = 1
)
SELECT
    person_id, household_id, county_code, region_code, area,
    birth_date, age, sex, relation, alive,
    CASE area WHEN 'rural' THEN $dibao_standard_rural ELSE $dibao_standard_urban END AS own_standard,
    CASE area WHEN 'rural' THEN $tekun_basic_rural ELSE $tekun_basic_urban END AS tekun_basic
FROM (
    SELECT
        r.person_id,
        r.household_id,
        substr(r.reg_region_code, 1, 6) || '000000' AS county_code,
        r.reg_region_code AS region_code,
        -- With a unified registration, or none said, the place decides: codes from 200 are villages, below communities.
        CASE WHEN r.reg_type = 'rural' THEN 'rural'
             WHEN r.reg_type = 'urban' THEN 'urban'
             WHEN substr(r.reg_region_code, 10, 3) >= '200' THEN 'rural'
             ELSE 'urban' END AS area,
        r.birth_date,
        CAST(date_part('year', $as_of) AS BIGINT) - CAST(date_part('year', r.birth_date) AS BIGINT)
            - CASE WHEN date_part('month', $as_of) * 100 + date_part('day', $as_of)
                        < date_part('month', r.birth_date) * 100 + date_part('day', r.birth_date)
                   THEN 1 ELSE 0 END AS age,
        r.sex,
        r.relation_to_head AS relation,
        d.person_id IS NULL AS alive
    FROM newest r
    LEFT JOIN death d ON d.person_id = r.person_id
    LEFT JOIN (SELECT person_id FROM ruling WHERE ruled_alive) l ON l.person_id = r.person_id
    WHERE r.reg_status = 'active'
        OR (r.reg_status = 'cancelled' AND (d.person_id IS NOT NULL OR l.person_id IS NOT NULL))
) p
