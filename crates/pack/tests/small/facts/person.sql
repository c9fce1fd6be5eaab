SELECT person_id, household_id, wage FROM household_register
