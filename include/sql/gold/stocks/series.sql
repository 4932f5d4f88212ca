-- One name for a security and all its rows: the ticker that it bore last. A ticker that others bore later is with the last
-- of them; those before have the day behind their ticker on which the reference data saw them last under it.
CREATE OR REPLACE VIEW {gold}.stocks_series (
  symbol COMMENT 'Ticker that the security bore last; ticker/date for one whose last ticker another security bore after it',
  security COMMENT 'The security, the same under whatever ticker: see stocks_instruments',
  ticker COMMENT 'Exchange symbol, as borne on the day',
  market_date COMMENT 'Market day, a New York session date',
  open COMMENT 'First price of the session, USD a share as traded',
  high COMMENT 'Highest price of the session, USD a share as traded',
  low COMMENT 'Lowest price of the session, USD a share as traded',
  close COMMENT 'Last price of the session, USD a share as traded',
  volume COMMENT 'Shares traded as counted on the day, fractional shares included',
  vwap COMMENT 'Volume-weighted average price, USD a share as traded',
  trades COMMENT 'Number of transactions',
  adj_open COMMENT 'open adjusted for later splits, USD a share of the latest count',
  adj_high COMMENT 'high adjusted for later splits, USD a share of the latest count',
  adj_low COMMENT 'low adjusted for later splits, USD a share of the latest count',
  adj_close COMMENT 'close adjusted for later splits, USD a share of the latest count',
  adj_volume COMMENT 'volume adjusted for later splits, shares of the latest count',
  total_return_close COMMENT 'adj_close with later dividends reinvested, USD a share',
  split_factor COMMENT 'Product of split_to / split_from of splits executed after the day, number',
  total_return_factor COMMENT 'Product of 1 - cash / close before the ex-date of dividends after the day, number'
)
COMMENT 'US stocks: daily prices by the ticker that their security bore last'
AS SELECT
  coalesce(symbols.symbol, prices.security) AS symbol,
  prices.security,
  prices.ticker,
  prices.market_date,
  prices.open,
  prices.high,
  prices.low,
  prices.close,
  prices.volume,
  prices.vwap,
  prices.trades,
  prices.adj_open,
  prices.adj_high,
  prices.adj_low,
  prices.adj_close,
  prices.adj_volume,
  prices.total_return_close,
  prices.split_factor,
  prices.total_return_factor
FROM {gold}.stocks_daily_prices prices
LEFT JOIN (
  SELECT security, CASE WHEN until = DATE'9999-12-31' THEN ticker ELSE concat(ticker, '/', last_seen) END AS symbol
  FROM {any_gold}.stocks_instruments
  WHERE ticker_after IS NULL
) symbols ON symbols.security = prices.security;
