-- What is printed on the bags: each version of a row that a cut has seen, and from when to when it was so.
CREATE TABLE IF NOT EXISTS {silver}.totesys_design (
  design_id INT NOT NULL COMMENT 'Number of the design',
  design_name STRING NOT NULL COMMENT 'Name of the design',
  file_location STRING NOT NULL COMMENT 'Folder of the file of the design',
  file_name STRING NOT NULL COMMENT 'Name of the file of the design',
  created_at TIMESTAMP NOT NULL COMMENT 'When the row was made, by the clock of the application, UTC',
  last_updated TIMESTAMP NOT NULL COMMENT 'When the application changed the row last, by its own clock; edits by hand leave it, UTC',
{include silver/version_columns.sql}
{include silver/origin_columns.sql}
) USING delta
COMMENT 'ToteSys: what is printed on the bags, one row a version';

SELECT
  TRY_CAST(design_id AS INT) AS design_id,
  design_name,
  file_location,
  file_name,
  TRY_CAST(created_at AS TIMESTAMP) AS created_at,
  TRY_CAST(last_updated AS TIMESTAMP) AS last_updated,
{include silver/version_from_bronze.sql}
{include silver/from_bronze.sql};
