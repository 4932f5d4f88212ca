-- Title: How often orders were changed
-- Note: Orders by how many versions cuts have seen of each; deleted orders are counted, too.
-- Kind: bar
-- Place: column 4, row 17, 3 wide, 7 high
-- Across: versions, Versions, number
-- Up: orders, Orders, number
-- Empty: No cut of ToteSys is in gold.
SELECT versions, count(*) AS orders
FROM (
  SELECT sales_order_id, count(*) AS versions
  FROM gold.totesys_fact_sales_order
  GROUP BY sales_order_id
) AS seen
GROUP BY versions
ORDER BY versions
