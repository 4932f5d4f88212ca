-- Prices as traded, adjusted for splits, and with dividends reinvested. A view: a new corporate action changes every
-- price before it, and rewrites a few factors instead of years of rows.
CREATE OR REPLACE VIEW {gold}.stocks_daily_prices (
  ticker COMMENT 'Exchange symbol, as borne on the day',
  market_date COMMENT 'Market day, a New York session date',
  open COMMENT 'First price of the session, USD a share as traded',
  high COMMENT 'Highest price of the session, USD a share as traded',
  low COMMENT 'Lowest price of the session, USD a share as traded',
  close COMMENT 'Last price of the session, USD a share as traded',
  volume COMMENT 'Shares traded as counted on the day, fractional shares included',
  vwap COMMENT 'Volume-weighted average price, USD a share as traded',
  trades COMMENT 'Number of transactions',
  adj_open COMMENT 'open adjusted for later splits: open / split_factor, USD a share of the latest count',
  adj_high COMMENT 'high adjusted for later splits: high / split_factor, USD a share of the latest count',
  adj_low COMMENT 'low adjusted for later splits: low / split_factor, USD a share of the latest count',
  adj_close COMMENT 'close adjusted for later splits: close / split_factor, USD a share of the latest count',
  adj_volume COMMENT 'volume adjusted for later splits: volume * split_factor, shares of the latest count',
  total_return_close COMMENT 'adj_close * total_return_factor: with later dividends reinvested, USD a share',
  split_factor COMMENT 'Product of split_to / split_from of splits executed after the day, number',
  total_return_factor COMMENT 'Product of 1 - cash / close before the ex-date of dividends after the day, number',
  security COMMENT 'The security, the same under whatever ticker: see stocks_instruments',
  adjusted_from COMMENT 'First market day from which on all actions are known: adjusted columns of earlier days may lack some'
)
COMMENT 'US stocks: daily prices as traded, adjusted for splits, and as total return'
AS SELECT
  prices.ticker,
  prices.market_date,
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
  prices.volume * coalesce(factors.split_factor, 1) AS adj_volume,
  prices.close / coalesce(factors.split_factor, 1) * coalesce(factors.total_return_factor, 1) AS total_return_close,
  coalesce(factors.split_factor, CAST(1 AS DOUBLE)) AS split_factor,
  coalesce(factors.total_return_factor, CAST(1 AS DOUBLE)) AS total_return_factor,
  coalesce(factors.security, prices.ticker) AS security,
  (SELECT max(adjusted_from) FROM {gold}.stocks_adjustment_reach) AS adjusted_from
FROM {gold}.stocks_traded_prices prices
LEFT JOIN {gold}.stocks_adjustment_factors factors ON factors.ticker = prices.ticker
  AND prices.market_date >= factors.since AND prices.market_date < factors.until;
