-- What was paid, or is to be: each version of a row that a cut has seen, and from when to when it was so.
CREATE TABLE IF NOT EXISTS {silver}.totesys_payment (
  payment_id INT NOT NULL COMMENT 'Number of the payment',
  transaction_id INT NOT NULL COMMENT 'Number of the transaction',
  counterparty_id INT NOT NULL COMMENT 'Number of the counterparty, who buys or sells',
  payment_amount DECIMAL(38, 10) NOT NULL COMMENT 'Amount in the currency of the payment',
  currency_id INT NOT NULL COMMENT 'Number of the currency',
  payment_type_id INT NOT NULL COMMENT 'Number of the kind of payment',
  paid BOOLEAN NOT NULL COMMENT 'True when it was paid',
  payment_date DATE NOT NULL COMMENT 'Day of the payment',
  company_ac_number INT NOT NULL COMMENT 'Number of our account',
  counterparty_ac_number INT NOT NULL COMMENT 'Number of the account of the counterparty',
  created_at TIMESTAMP NOT NULL COMMENT 'When the row was made, by the clock of the application, UTC',
  last_updated TIMESTAMP NOT NULL COMMENT 'When the application changed the row last, by its own clock; edits by hand leave it, UTC',
{include silver/version_columns.sql}
{include silver/origin_columns.sql}
) USING delta
COMMENT 'ToteSys: what was paid, or is to be, one row a version';

SELECT
  TRY_CAST(payment_id AS INT) AS payment_id,
  TRY_CAST(transaction_id AS INT) AS transaction_id,
  TRY_CAST(counterparty_id AS INT) AS counterparty_id,
  TRY_CAST(payment_amount AS DECIMAL(38, 10)) AS payment_amount,
  TRY_CAST(currency_id AS INT) AS currency_id,
  TRY_CAST(payment_type_id AS INT) AS payment_type_id,
  TRY_CAST(paid AS BOOLEAN) AS paid,
  TRY_CAST(payment_date AS DATE) AS payment_date,
  TRY_CAST(company_ac_number AS INT) AS company_ac_number,
  TRY_CAST(counterparty_ac_number AS INT) AS counterparty_ac_number,
  TRY_CAST(created_at AS TIMESTAMP) AS created_at,
  TRY_CAST(last_updated AS TIMESTAMP) AS last_updated,
{include silver/version_from_bronze.sql}
{include silver/from_bronze.sql};
