-- Turnover of the day by kind of security, beside how many rose and fell.
SELECT
  prices.type,
  count(*) AS tickers,
  sum(prices.close * prices.volume) AS turnover,
  count(CASE WHEN returns.total_return > 0 THEN 1 END) AS advancers,
  count(CASE WHEN returns.total_return < 0 THEN 1 END) AS decliners,
  avg(returns.total_return) AS average_return
FROM stocks_daily_prices prices
LEFT JOIN stocks_daily_returns returns ON returns.ticker = prices.ticker AND returns.market_date = prices.market_date
WHERE prices.market_date = CAST({market_date} AS DATE)
GROUP BY prices.type
ORDER BY turnover DESC
