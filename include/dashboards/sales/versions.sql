-- Title: Versions of orders
-- Note: All that a cut has seen, those of deleted orders among them.
-- Kind: counter
-- Place: column 5, row 1, 2 wide, 3 high
-- Value: versions, Versions, number
-- Empty: No cut of ToteSys is in gold.
SELECT count(*) AS versions
FROM gold.totesys_fact_sales_order
