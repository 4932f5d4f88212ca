-- Who buys and sells: each version of a row that a cut has seen, and from when to when it was so.
-- Join: address by legal_address_id = address_id
CREATE TABLE IF NOT EXISTS {silver}.totesys_counterparty (
  counterparty_id INT NOT NULL COMMENT 'Number of the counterparty, who buys or sells',
  counterparty_legal_name STRING NOT NULL COMMENT 'Legal name of the counterparty',
  legal_address_id INT NOT NULL COMMENT 'Number of its legal address',
  commercial_contact STRING COMMENT 'Who is asked about trade',
  delivery_contact STRING COMMENT 'Who is asked about deliveries',
  created_at TIMESTAMP NOT NULL COMMENT 'When the row was made, by the clock of the application, UTC',
  last_updated TIMESTAMP NOT NULL COMMENT 'When the application changed the row last, by its own clock; edits by hand leave it, UTC',
{include silver/version_columns.sql}
{include silver/origin_columns.sql}
) USING delta
COMMENT 'ToteSys: who buys and sells, one row a version';

SELECT
  TRY_CAST(counterparty_id AS INT) AS counterparty_id,
  counterparty_legal_name,
  TRY_CAST(legal_address_id AS INT) AS legal_address_id,
  commercial_contact,
  delivery_contact,
  TRY_CAST(created_at AS TIMESTAMP) AS created_at,
  TRY_CAST(last_updated AS TIMESTAMP) AS last_updated,
{include silver/version_from_bronze.sql}
{include silver/from_bronze.sql};
