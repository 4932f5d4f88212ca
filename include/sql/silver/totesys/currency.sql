-- Currencies by their code: each version of a row that a cut has seen, and from when to when it was so.
CREATE TABLE IF NOT EXISTS {silver}.totesys_currency (
  currency_id INT NOT NULL COMMENT 'Number of the currency',
  currency_code STRING NOT NULL COMMENT 'Code of the currency, ISO 4217',
  created_at TIMESTAMP NOT NULL COMMENT 'When the row was made, by the clock of the application, UTC',
  last_updated TIMESTAMP NOT NULL COMMENT 'When the application changed the row last, by its own clock; edits by hand leave it, UTC',
{include silver/version_columns.sql}
{include silver/origin_columns.sql}
) USING delta
COMMENT 'ToteSys: currencies by their code, one row a version';

SELECT
  TRY_CAST(currency_id AS INT) AS currency_id,
  currency_code,
  TRY_CAST(created_at AS TIMESTAMP) AS created_at,
  TRY_CAST(last_updated AS TIMESTAMP) AS last_updated,
{include silver/version_from_bronze.sql}
{include silver/from_bronze.sql};
