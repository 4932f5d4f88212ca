-- Scores by state, kind of school, sex and year, an area a row. Codes are resolved by the dictionary of the edition.
-- Until 2023 the kind of school is what candidates declared; since 2024 nothing leads from a score to a participant, so that
-- it is who runs the school, and the sex is not known.
-- Key: market_date, state, school_kind, sex, area
-- NULL: mean_score, lowest_score and highest_score where nobody has a score
CREATE TABLE IF NOT EXISTS {gold}.enem_scores (
  market_date DATE NOT NULL COMMENT 'Day that the edition is about: the last of its year',
  year INT NOT NULL COMMENT 'Year of the exam',
  state STRING NOT NULL COMMENT 'State where the exam was sat, two letters',
  school_kind STRING NOT NULL COMMENT 'Kind of school in the words of the dictionary, until 2023 as declared, since 2024 who runs it; unknown where no school or no meaning is known',
  sex STRING NOT NULL COMMENT 'Sex in the words of the dictionary; unknown since 2024, where scores have none',
  area STRING NOT NULL COMMENT 'sciences, humanities, languages, mathematics or essay',
  candidates BIGINT NOT NULL COMMENT 'Candidates, those who did not come among them, number',
  scored BIGINT NOT NULL COMMENT 'Candidates with a score, number',
  mean_score DOUBLE COMMENT 'Mean of the scores, points of 0 to 1000',
  lowest_score DOUBLE COMMENT 'Lowest score, points of 0 to 1000',
  highest_score DOUBLE COMMENT 'Highest score, points of 0 to 1000'
) USING delta
COMMENT 'ENEM: scores, one row an edition, state, kind of school, sex and area';

WITH taken AS (
  SELECT market_date, year, exam_state AS state, 'TP_ESCOLA' AS school_variable, school_kind AS school_code, sex AS sex_code,
    score_sciences, score_humanities, score_languages, score_mathematics, score_essay
  FROM {silver}.enem_candidates WHERE {days}
  UNION ALL
  SELECT market_date, year, exam_state AS state, 'TP_DEPENDENCIA_ADM_ESC' AS school_variable,
    school_dependency AS school_code, CAST(NULL AS STRING) AS sex_code,
    score_sciences, score_humanities, score_languages, score_mathematics, score_essay
  FROM {silver}.enem_results WHERE {days}
),
by_area AS (
  SELECT market_date, year, state, school_variable, school_code, sex_code,
    stack(5, 'sciences', score_sciences, 'humanities', score_humanities, 'languages', score_languages,
      'mathematics', score_mathematics, 'essay', score_essay) AS (area, score)
  FROM taken
),
by_code AS (
  SELECT market_date, year, state, school_variable, school_code, sex_code, area, count(*) AS candidates,
    count(score) AS scored, sum(score) AS points, min(score) AS lowest_score, max(score) AS highest_score
  FROM by_area
  GROUP BY market_date, year, state, school_variable, school_code, sex_code, area
),
named AS (
  SELECT by_code.*, coalesce(schools.meaning, 'unknown') AS school_kind, coalesce(sexes.meaning, 'unknown') AS sex
  FROM by_code
  LEFT JOIN {silver}.enem_dictionary schools ON schools.market_date = by_code.market_date
    AND schools.variable = by_code.school_variable AND schools.code = by_code.school_code
  LEFT JOIN {silver}.enem_dictionary sexes ON sexes.market_date = by_code.market_date
    AND sexes.variable = 'TP_SEXO' AND sexes.code = by_code.sex_code
)
SELECT
  market_date,
  year,
  state,
  school_kind,
  sex,
  area,
  sum(candidates) AS candidates,
  sum(scored) AS scored,
  sum(points) / nullif(sum(scored), 0) AS mean_score,
  min(lowest_score) AS lowest_score,
  max(highest_score) AS highest_score
FROM named
GROUP BY market_date, year, state, school_kind, sex, area;
