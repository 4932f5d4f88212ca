-- Title: Sales by design
-- Note: Of the orders as they are now; the 30 designs of which most bags were sold.
-- Kind: table
-- Place: column 1, row 10, 3 wide, 7 high
-- Column: design_id, Number
-- Column: design_name, Design
-- Column: orders, Orders, number
-- Column: units, Bags, number
-- Empty: There is no order.
SELECT CAST(design.design_id AS STRING) AS design_id, design.design_name, count(*) AS orders, sum(sold.units_sold) AS units
FROM gold.totesys_fact_sales_order AS sold
INNER JOIN gold.totesys_dim_design AS design ON design.design_id = sold.design_id
WHERE sold.seen_until IS NULL
GROUP BY design.design_id, design.design_name
ORDER BY units DESC, design_id
LIMIT 30
