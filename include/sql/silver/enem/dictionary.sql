-- What the codes of an edition mean.
CREATE TABLE IF NOT EXISTS {silver}.enem_dictionary (
  variable STRING NOT NULL COMMENT 'Column of the edition that has the code, by its name there',
  code STRING NOT NULL COMMENT 'The code',
  market_date DATE NOT NULL COMMENT 'Day that the edition is about: the last of its year',
  about STRING NOT NULL COMMENT 'What the column is about, in Portuguese',
  meaning STRING NOT NULL COMMENT 'What the code means, in Portuguese',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'ENEM: meanings of codes, one row a column, code and edition';

SELECT
  variable,
  regexp_replace(code, '[.]0$', '') AS code,
  market_date,
  about,
  meaning,
{include silver/from_bronze.sql};
