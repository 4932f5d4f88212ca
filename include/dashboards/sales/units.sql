-- Title: Bags sold
-- Note: Of the orders as they are now.
-- Kind: counter
-- Place: column 3, row 1, 2 wide, 3 high
-- Value: units, Bags, number
-- Empty: There is no order.
SELECT sum(units_sold) AS units
FROM gold.totesys_fact_sales_order
WHERE seen_until IS NULL
