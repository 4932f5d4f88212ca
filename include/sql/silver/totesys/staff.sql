-- Who works there: each version of a row that a cut has seen, and from when to when it was so.
CREATE TABLE IF NOT EXISTS {silver}.totesys_staff (
  staff_id INT NOT NULL COMMENT 'Number of the member of staff',
  first_name STRING NOT NULL COMMENT 'First name',
  last_name STRING NOT NULL COMMENT 'Last name',
  department_id INT NOT NULL COMMENT 'Number of the department',
  email_address STRING NOT NULL COMMENT 'E-mail address at work',
  created_at TIMESTAMP NOT NULL COMMENT 'When the row was made, by the clock of the application, UTC',
  last_updated TIMESTAMP NOT NULL COMMENT 'When the application changed the row last, by its own clock; edits by hand leave it, UTC',
{include silver/version_columns.sql}
{include silver/origin_columns.sql}
) USING delta
COMMENT 'ToteSys: who works there, one row a version';

SELECT
  TRY_CAST(staff_id AS INT) AS staff_id,
  first_name,
  last_name,
  TRY_CAST(department_id AS INT) AS department_id,
  email_address,
  TRY_CAST(created_at AS TIMESTAMP) AS created_at,
  TRY_CAST(last_updated AS TIMESTAMP) AS last_updated,
{include silver/version_from_bronze.sql}
{include silver/from_bronze.sql};
