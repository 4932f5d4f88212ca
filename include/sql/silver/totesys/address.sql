-- Addresses of counterparties and deliveries: each version of a row that a cut has seen, and from when to when it was so.
CREATE TABLE IF NOT EXISTS {silver}.totesys_address (
  address_id INT NOT NULL COMMENT 'Number of the address',
  address_line_1 STRING NOT NULL COMMENT 'First line of the address',
  address_line_2 STRING COMMENT 'Second line of the address',
  district STRING COMMENT 'District',
  city STRING NOT NULL COMMENT 'City',
  postal_code STRING NOT NULL COMMENT 'Postal code',
  country STRING NOT NULL COMMENT 'Country',
  phone STRING NOT NULL COMMENT 'Telephone number',
  created_at TIMESTAMP NOT NULL COMMENT 'When the row was made, by the clock of the application, UTC',
  last_updated TIMESTAMP NOT NULL COMMENT 'When the application changed the row last, by its own clock; edits by hand leave it, UTC',
{include silver/version_columns.sql}
{include silver/origin_columns.sql}
) USING delta
COMMENT 'ToteSys: addresses of counterparties and deliveries, one row a version';

SELECT
  TRY_CAST(address_id AS INT) AS address_id,
  address_line_1,
  address_line_2,
  district,
  city,
  postal_code,
  country,
  phone,
  TRY_CAST(created_at AS TIMESTAMP) AS created_at,
  TRY_CAST(last_updated AS TIMESTAMP) AS last_updated,
{include silver/version_from_bronze.sql}
{include silver/from_bronze.sql};
