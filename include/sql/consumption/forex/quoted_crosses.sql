-- Rates of the major currencies in each other that are quoted, those first that are furthest off the rate through the USD.
SELECT
  base_currency,
  quote_currency,
  rate,
  quoted_ticker,
  quoted_rate,
  deviation_bps
FROM forex_cross_rates
WHERE market_date = CAST({market_date} AS DATE) AND quoted_ticker IS NOT NULL
ORDER BY abs(deviation_bps) DESC, base_currency, quote_currency
