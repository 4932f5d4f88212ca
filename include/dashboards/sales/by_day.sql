-- Title: Bags sold by day
-- Note: Of the orders as they are now, by the day on which each was made (UTC).
-- Kind: bar
-- Place: column 1, row 4, 3 wide, 6 high
-- Across: created_date, Day
-- Up: units, Bags, number
-- Empty: There is no order.
SELECT created_date, sum(units_sold) AS units
FROM gold.totesys_fact_sales_order
WHERE seen_until IS NULL
GROUP BY created_date
ORDER BY created_date
