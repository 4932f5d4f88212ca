-- The questions of the exam, with their difficulty.
CREATE TABLE IF NOT EXISTS {silver}.enem_items (
  booklet STRING NOT NULL COMMENT 'Code of the booklet',
  position INT NOT NULL COMMENT 'Place of the question in the booklet',
  market_date DATE NOT NULL COMMENT 'Day that the edition is about: the last of its year',
  area STRING NOT NULL COMMENT 'Area: CN natural sciences, CH humanities, LC languages, MT mathematics',
  item STRING NOT NULL COMMENT 'Code of the question',
  answer STRING NOT NULL COMMENT 'Letter of the right answer',
  discrimination DOUBLE COMMENT 'Parameter A of the three of item response theory, number',
  difficulty DOUBLE COMMENT 'Parameter B of the three of item response theory, number',
  guessing DOUBLE COMMENT 'Parameter C of the three of item response theory, fraction',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'ENEM: questions, one row a booklet, position and edition';

SELECT
  regexp_replace(booklet, '[.]0$', '') AS booklet,
  TRY_CAST(position AS INT) AS position,
  market_date,
  area,
  regexp_replace(item, '[.]0$', '') AS item,
  answer,
  TRY_CAST(discrimination AS DOUBLE) AS discrimination,
  TRY_CAST(difficulty AS DOUBLE) AS difficulty,
  TRY_CAST(guessing AS DOUBLE) AS guessing,
{include silver/from_bronze.sql};
