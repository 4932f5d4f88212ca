-- Title: Orders
-- Note: As they are now: a version that was changed, or an order that was deleted, does not count.
-- Kind: counter
-- Place: column 1, row 1, 2 wide, 3 high
-- Value: orders, Orders, number
-- Empty: No cut of ToteSys is in gold.
SELECT count(*) AS orders
FROM gold.totesys_fact_sales_order
WHERE seen_until IS NULL
