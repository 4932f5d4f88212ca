-- Title: Sales by currency
-- Note: Of the orders as they are now. Each row has its own money; nothing adds one to another.
-- Kind: table
-- Place: column 4, row 4, 3 wide, 6 high
-- Column: currency_code, Currency
-- Column: currency_name, Name
-- Column: orders, Orders, number
-- Column: units, Bags, number
-- Column: turnover, Turnover, its currency
-- Empty: There is no order.
SELECT currency.currency_code, currency.currency_name, count(*) AS orders, sum(sold.units_sold) AS units,
  sum(sold.units_sold * sold.unit_price) AS turnover
FROM gold.totesys_fact_sales_order AS sold
INNER JOIN gold.totesys_dim_currency AS currency ON currency.currency_id = sold.currency_id
WHERE sold.seen_until IS NULL
GROUP BY currency.currency_code, currency.currency_name
ORDER BY currency.currency_code, currency.currency_name
