-- What was sold: a row a version of an order that a cut has seen. Those with seen_until NULL are the orders that there are.
-- An order of which a dimension has no row is left out, and quality tells it; its number is kept for it.
-- Key: sales_record_id
-- NULL: seen_until while the version is so
CREATE TABLE IF NOT EXISTS {gold}.totesys_fact_sales_order (
  sales_record_id INT NOT NULL COMMENT 'Number of the version, in the order in which cuts have seen them',
  sales_order_id INT NOT NULL COMMENT 'Number of the sales order',
  created_date DATE NOT NULL COMMENT 'Day on which the order was made, UTC',
  created_time STRING NOT NULL COMMENT 'Time of day at which the order was made, HH:mm:ss.SSS, UTC',
  last_updated_date DATE NOT NULL COMMENT 'Day on which the application changed the order last, UTC',
  last_updated_time STRING NOT NULL COMMENT 'Time of day at which the application changed the order last, HH:mm:ss.SSS, UTC',
  sales_staff_id INT NOT NULL COMMENT 'Number of the member of staff who sold',
  counterparty_id INT NOT NULL COMMENT 'Number of the counterparty',
  units_sold INT NOT NULL COMMENT 'Number of bags sold',
  unit_price DECIMAL(10, 2) NOT NULL COMMENT 'Price of a bag in the currency of the order',
  currency_id INT NOT NULL COMMENT 'Number of the currency',
  design_id INT NOT NULL COMMENT 'Number of the design',
  agreed_payment_date DATE NOT NULL COMMENT 'Day of payment that was agreed',
  agreed_delivery_date DATE NOT NULL COMMENT 'Day of delivery that was agreed',
  agreed_delivery_location_id INT NOT NULL COMMENT 'Number of the address to deliver to',
  seen_from TIMESTAMP NOT NULL COMMENT 'Moment of the cut that saw the version first, by the clock of the database, UTC',
  seen_until TIMESTAMP COMMENT 'Moment of the cut that saw it no more, UTC; NULL while the version is so'
) USING delta
COMMENT 'ToteSys: sales orders, one row a version of an order';

SELECT
  version.sales_record_id,
  version.sales_order_id,
  CAST(version.created_at AS DATE) AS created_date,
  date_format(version.created_at, 'HH:mm:ss.SSS') AS created_time,
  CAST(version.last_updated AS DATE) AS last_updated_date,
  date_format(version.last_updated, 'HH:mm:ss.SSS') AS last_updated_time,
  version.staff_id AS sales_staff_id,
  version.counterparty_id,
  version.units_sold,
  version.unit_price,
  version.currency_id,
  version.design_id,
  version.agreed_payment_date,
  version.agreed_delivery_date,
  version.agreed_delivery_location_id,
  version.seen_from,
  version.seen_until
FROM (
  SELECT *, ROW_NUMBER() OVER (ORDER BY seen_from, sales_order_id) AS sales_record_id FROM {silver}.totesys_sales_order
) version
JOIN {gold}.totesys_dim_staff staff ON staff.staff_id = version.staff_id
JOIN {gold}.totesys_dim_counterparty counterparty ON counterparty.counterparty_id = version.counterparty_id
JOIN {gold}.totesys_dim_currency currency ON currency.currency_id = version.currency_id
JOIN {gold}.totesys_dim_design design ON design.design_id = version.design_id
JOIN {gold}.totesys_dim_location location ON location.location_id = version.agreed_delivery_location_id;
