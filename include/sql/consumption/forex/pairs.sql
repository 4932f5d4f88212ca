-- Every pair of the day: its close, return, range and volatility a year.
SELECT
  prices.ticker,
  prices.base_currency,
  prices.quote_currency,
  prices.close,
  returns.simple_return,
  (prices.high - prices.low) / prices.close AS day_range,
  returns.volatility_20d_annualised,
  prices.volume AS quotes
FROM forex_daily_prices prices
LEFT JOIN forex_daily_returns returns ON returns.ticker = prices.ticker AND returns.market_date = prices.market_date
WHERE prices.market_date = CAST({market_date} AS DATE)
ORDER BY prices.ticker
