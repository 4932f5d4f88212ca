-- Kinds of payments: each version of a row that a cut has seen, and from when to when it was so.
CREATE TABLE IF NOT EXISTS {silver}.totesys_payment_type (
  payment_type_id INT NOT NULL COMMENT 'Number of the kind of payment',
  payment_type_name STRING NOT NULL COMMENT 'Name of the kind of payment',
  created_at TIMESTAMP NOT NULL COMMENT 'When the row was made, by the clock of the application, UTC',
  last_updated TIMESTAMP NOT NULL COMMENT 'When the application changed the row last, by its own clock; edits by hand leave it, UTC',
{include silver/version_columns.sql}
{include silver/origin_columns.sql}
) USING delta
COMMENT 'ToteSys: kinds of payments, one row a version';

SELECT
  TRY_CAST(payment_type_id AS INT) AS payment_type_id,
  payment_type_name,
  TRY_CAST(created_at AS TIMESTAMP) AS created_at,
  TRY_CAST(last_updated AS TIMESTAMP) AS last_updated,
{include silver/version_from_bronze.sql}
{include silver/from_bronze.sql};
