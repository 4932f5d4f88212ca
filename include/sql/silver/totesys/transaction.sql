-- Sales and purchases in one list: each version of a row that a cut has seen, and from when to when it was so.
CREATE TABLE IF NOT EXISTS {silver}.totesys_transaction (
  transaction_id INT NOT NULL COMMENT 'Number of the transaction',
  transaction_type STRING NOT NULL COMMENT 'SALE or PURCHASE',
  sales_order_id INT COMMENT 'Number of the sales order',
  purchase_order_id INT COMMENT 'Number of the purchase order',
  created_at TIMESTAMP NOT NULL COMMENT 'When the row was made, by the clock of the application, UTC',
  last_updated TIMESTAMP NOT NULL COMMENT 'When the application changed the row last, by its own clock; edits by hand leave it, UTC',
{include silver/version_columns.sql}
{include silver/origin_columns.sql}
) USING delta
COMMENT 'ToteSys: sales and purchases in one list, one row a version';

SELECT
  TRY_CAST(transaction_id AS INT) AS transaction_id,
  transaction_type,
  TRY_CAST(sales_order_id AS INT) AS sales_order_id,
  TRY_CAST(purchase_order_id AS INT) AS purchase_order_id,
  TRY_CAST(created_at AS TIMESTAMP) AS created_at,
  TRY_CAST(last_updated AS TIMESTAMP) AS last_updated,
{include silver/version_from_bronze.sql}
{include silver/from_bronze.sql};
