-- The largest moves of the day, by total return, of shares and funds that were traded for more than a million USD.
SELECT
  returns.ticker,
  returns.security,
  prices.type,
  returns.total_return,
  returns.volatility_20d_annualised,
  returns.anomaly_reason,
  prices.close,
  prices.close * prices.volume AS turnover,
  prices.relative_volume_20d
FROM stocks_daily_returns returns
JOIN stocks_daily_prices prices ON prices.ticker = returns.ticker AND prices.market_date = returns.market_date
WHERE returns.market_date = CAST({market_date} AS DATE)
  AND returns.total_return IS NOT NULL
  AND prices.close * prices.volume > 1000000
  AND prices.type IN ('share', 'depositary_receipt', 'fund')
ORDER BY abs(returns.total_return) DESC, returns.ticker
LIMIT 100
