-- Who took the exam, apart from what they scored, as it is published since 2024.
CREATE TABLE IF NOT EXISTS {silver}.enem_participants (
  registration BIGINT NOT NULL COMMENT 'Number of the registration, masked at the source',
  market_date DATE NOT NULL COMMENT 'Day that the edition is about: the last of its year',
  year INT NOT NULL COMMENT 'Year of the exam',
  age_group STRING NOT NULL COMMENT 'Code of the group of ages',
  sex STRING NOT NULL COMMENT 'Code of the sex',
  race STRING NOT NULL COMMENT 'Code of colour or race, as declared',
  school_kind STRING NOT NULL COMMENT 'Code of the kind of school, as declared',
  exam_town_code STRING NOT NULL COMMENT 'Code of the municipality where the exam was sat, IBGE',
  exam_town STRING NOT NULL COMMENT 'Municipality where the exam was sat',
  exam_state STRING NOT NULL COMMENT 'State where the exam was sat, two letters',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'ENEM: participants, one row a registration and edition';

SELECT
  TRY_CAST(registration AS BIGINT) AS registration,
  market_date,
  TRY_CAST(year AS INT) AS year,
  regexp_replace(age_group, '[.]0$', '') AS age_group,
  sex,
  regexp_replace(race, '[.]0$', '') AS race,
  regexp_replace(school_kind, '[.]0$', '') AS school_kind,
  regexp_replace(exam_town_code, '[.]0$', '') AS exam_town_code,
  exam_town,
  exam_state,
{include silver/from_bronze.sql};
