-- How many bags of each design were sold, of the orders as they were at the end of the day, UTC; those of most bags first.
SELECT
  design.design_id,
  design.design_name,
  count(*) AS orders,
  sum(sold.units_sold) AS units
FROM totesys_fact_sales_order sold
JOIN totesys_dim_design design ON design.design_id = sold.design_id
CROSS JOIN (SELECT CAST({market_date} AS DATE) AS market_date) asked
WHERE CAST(sold.seen_from AS DATE) <= asked.market_date
  AND (sold.seen_until IS NULL OR CAST(sold.seen_until AS DATE) > asked.market_date)
GROUP BY design.design_id, design.design_name
ORDER BY units DESC, design.design_id
