-- Prices as traded, adjusted for splits, and with dividends reinvested. A view: a new corporate action changes every
-- price before it, and rewrites a few factors instead of years of rows.
-- Key: ticker, market_date
-- NULL: what the source did not give
CREATE OR REPLACE VIEW {gold}.stocks_daily_prices (
{include gold/price_columns.sql},
  adjusted_from COMMENT 'First market day from which on all actions are known: adjusted columns of earlier days may lack some'
)
COMMENT 'US stocks: daily prices as traded, adjusted for splits, and as total return'
AS SELECT
  prices.ticker,
  prices.market_date,
  coalesce(instruments.type, 'other') AS type,
  prices.open,
  prices.high,
  prices.low,
  prices.close,
  prices.volume,
  prices.vwap,
  prices.trades,
  prices.open / coalesce(factors.split_factor, 1) AS adj_open,
  prices.high / coalesce(factors.split_factor, 1) AS adj_high,
  prices.low / coalesce(factors.split_factor, 1) AS adj_low,
  prices.close / coalesce(factors.split_factor, 1) AS adj_close,
  prices.vwap / coalesce(factors.split_factor, 1) AS adj_vwap,
  prices.volume * coalesce(factors.split_factor, 1) AS adj_volume,
  prices.close / coalesce(factors.split_factor, 1) * coalesce(factors.total_return_factor, 1) AS total_return_close,
  prices.relative_volume_20d,
  coalesce(factors.split_factor, CAST(1 AS DOUBLE)) AS split_factor,
  coalesce(factors.total_return_factor, CAST(1 AS DOUBLE)) AS total_return_factor,
  coalesce(factors.security, prices.ticker) AS security,
  (SELECT max(adjusted_from) FROM {gold}.stocks_adjustment_reach) AS adjusted_from
FROM {gold}.stocks_traded_prices prices
LEFT JOIN {gold}.stocks_adjustment_factors factors ON factors.ticker = prices.ticker
  AND prices.market_date >= factors.since AND prices.market_date < factors.until
LEFT JOIN {any_gold}.stocks_instruments instruments ON instruments.ticker = prices.ticker
  AND prices.market_date >= instruments.since AND prices.market_date < instruments.until;
