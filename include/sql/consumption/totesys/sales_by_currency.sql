-- What was sold in each currency, of the orders as they were at the end of the day, UTC; money of two currencies is never added.
SELECT
  currency.currency_code,
  currency.currency_name,
  count(*) AS orders,
  sum(sold.units_sold) AS units,
  sum(sold.units_sold * sold.unit_price) AS turnover
FROM totesys_fact_sales_order sold
JOIN totesys_dim_currency currency ON currency.currency_id = sold.currency_id
CROSS JOIN (SELECT CAST({market_date} AS DATE) AS market_date) asked
WHERE CAST(sold.seen_from AS DATE) <= asked.market_date
  AND (sold.seen_until IS NULL OR CAST(sold.seen_until AS DATE) > asked.market_date)
GROUP BY currency.currency_code, currency.currency_name
ORDER BY currency.currency_code
