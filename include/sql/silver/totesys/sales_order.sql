-- What was sold: each version of a row that a cut has seen, and from when to when it was so.
-- Join: address by agreed_delivery_location_id = address_id
CREATE TABLE IF NOT EXISTS {silver}.totesys_sales_order (
  sales_order_id INT NOT NULL COMMENT 'Number of the sales order',
  design_id INT NOT NULL COMMENT 'Number of the design',
  staff_id INT NOT NULL COMMENT 'Number of the member of staff',
  counterparty_id INT NOT NULL COMMENT 'Number of the counterparty, who buys or sells',
  units_sold INT NOT NULL COMMENT 'Number of bags sold',
  unit_price DECIMAL(10, 2) NOT NULL COMMENT 'Price of a bag in the currency of the order',
  currency_id INT NOT NULL COMMENT 'Number of the currency',
  agreed_delivery_date DATE NOT NULL COMMENT 'Day of delivery that was agreed',
  agreed_payment_date DATE NOT NULL COMMENT 'Day of payment that was agreed',
  agreed_delivery_location_id INT NOT NULL COMMENT 'Number of the address to deliver to',
  created_at TIMESTAMP NOT NULL COMMENT 'When the row was made, by the clock of the application, UTC',
  last_updated TIMESTAMP NOT NULL COMMENT 'When the application changed the row last, by its own clock; edits by hand leave it, UTC',
{include silver/version_columns.sql}
{include silver/origin_columns.sql}
) USING delta
COMMENT 'ToteSys: what was sold, one row a version';

SELECT
  TRY_CAST(sales_order_id AS INT) AS sales_order_id,
  TRY_CAST(design_id AS INT) AS design_id,
  TRY_CAST(staff_id AS INT) AS staff_id,
  TRY_CAST(counterparty_id AS INT) AS counterparty_id,
  TRY_CAST(units_sold AS INT) AS units_sold,
  TRY_CAST(unit_price AS DECIMAL(10, 2)) AS unit_price,
  TRY_CAST(currency_id AS INT) AS currency_id,
  TRY_CAST(agreed_delivery_date AS DATE) AS agreed_delivery_date,
  TRY_CAST(agreed_payment_date AS DATE) AS agreed_payment_date,
  TRY_CAST(agreed_delivery_location_id AS INT) AS agreed_delivery_location_id,
  TRY_CAST(created_at AS TIMESTAMP) AS created_at,
  TRY_CAST(last_updated AS TIMESTAMP) AS last_updated,
{include silver/version_from_bronze.sql}
{include silver/from_bronze.sql};
