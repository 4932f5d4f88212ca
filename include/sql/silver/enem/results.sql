-- What was scored, without a key that leads to a participant, as it is published since 2024.
CREATE TABLE IF NOT EXISTS {silver}.enem_results (
  number BIGINT NOT NULL COMMENT 'Number of the row in the edition: it names nobody',
  market_date DATE NOT NULL COMMENT 'Day that the edition is about: the last of its year',
  year INT NOT NULL COMMENT 'Year of the exam',
  school_state STRING COMMENT 'State of the school, two letters; NULL where no school is known',
  school_dependency STRING COMMENT 'Code of who runs the school; NULL where no school is known',
  exam_town_code STRING NOT NULL COMMENT 'Code of the municipality where the exam was sat, IBGE',
  exam_town STRING NOT NULL COMMENT 'Municipality where the exam was sat',
  exam_state STRING NOT NULL COMMENT 'State where the exam was sat, two letters',
  presence_sciences INT NOT NULL COMMENT 'Exam of natural sciences: 0 did not come, 1 sat it, 2 was excluded',
  score_sciences DOUBLE COMMENT 'Score in natural sciences, points of 0 to 1000; NULL for who did not sit it',
  presence_humanities INT NOT NULL COMMENT 'Exam of humanities: 0 did not come, 1 sat it, 2 was excluded',
  score_humanities DOUBLE COMMENT 'Score in humanities, points of 0 to 1000; NULL for who did not sit it',
  presence_languages INT NOT NULL COMMENT 'Exam of languages: 0 did not come, 1 sat it, 2 was excluded',
  score_languages DOUBLE COMMENT 'Score in languages, points of 0 to 1000; NULL for who did not sit it',
  presence_mathematics INT NOT NULL COMMENT 'Exam of mathematics: 0 did not come, 1 sat it, 2 was excluded',
  score_mathematics DOUBLE COMMENT 'Score in mathematics, points of 0 to 1000; NULL for who did not sit it',
  essay_status STRING COMMENT 'Code of what became of the essay; NULL for who wrote none',
  score_essay DOUBLE COMMENT 'Score of the essay, points of 0 to 1000; NULL for who wrote none',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'ENEM: scores, one row a number and edition';

SELECT
  TRY_CAST(number AS BIGINT) AS number,
  market_date,
  TRY_CAST(year AS INT) AS year,
  school_state,
  regexp_replace(school_dependency, '[.]0$', '') AS school_dependency,
  regexp_replace(exam_town_code, '[.]0$', '') AS exam_town_code,
  exam_town,
  exam_state,
  TRY_CAST(regexp_replace(presence_sciences, '[.]0$', '') AS INT) AS presence_sciences,
  TRY_CAST(score_sciences AS DOUBLE) AS score_sciences,
  TRY_CAST(regexp_replace(presence_humanities, '[.]0$', '') AS INT) AS presence_humanities,
  TRY_CAST(score_humanities AS DOUBLE) AS score_humanities,
  TRY_CAST(regexp_replace(presence_languages, '[.]0$', '') AS INT) AS presence_languages,
  TRY_CAST(score_languages AS DOUBLE) AS score_languages,
  TRY_CAST(regexp_replace(presence_mathematics, '[.]0$', '') AS INT) AS presence_mathematics,
  TRY_CAST(score_mathematics AS DOUBLE) AS score_mathematics,
  regexp_replace(essay_status, '[.]0$', '') AS essay_status,
  TRY_CAST(score_essay AS DOUBLE) AS score_essay,
{include silver/from_bronze.sql};
