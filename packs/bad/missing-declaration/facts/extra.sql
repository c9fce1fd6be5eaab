SELECT person_id FROM person
