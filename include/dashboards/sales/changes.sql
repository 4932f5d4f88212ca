-- Title: What became of orders
-- Note: Versions that are so no more, the newest 50: what the next cut had in their place, or nothing where the order was deleted.
-- Kind: table
-- Place: column 1, row 24, 6 wide, 7 high
-- Column: sales_order_id, Order
-- Column: seen_from, So from (UTC)
-- Column: seen_until, Until (UTC)
-- Column: units_sold, Bags, number
-- Column: next_units, Bags then, number
-- Column: unit_price, Price, its currency
-- Column: next_price, Price then, its currency
-- Column: became, Became
-- Newest: seen_until, 50
-- Empty: No order was changed or deleted between two cuts.
SELECT CAST(was.sales_order_id AS STRING) AS sales_order_id, was.seen_from, was.seen_until, was.units_sold,
  after_it.units_sold AS next_units, was.unit_price, after_it.unit_price AS next_price,
  CASE WHEN after_it.sales_order_id IS NULL THEN 'deleted' ELSE 'changed' END AS became
FROM gold.totesys_fact_sales_order AS was
LEFT JOIN gold.totesys_fact_sales_order AS after_it
  ON after_it.sales_order_id = was.sales_order_id AND after_it.seen_from = was.seen_until
WHERE was.seen_until IS NOT NULL
