-- One bar a minute in which it traded, as traded, pre-market and after-hours trading included. Minutes without a trade
-- have no bar.
CREATE TABLE IF NOT EXISTS {silver}.stocks_minute_bars (
  ticker STRING NOT NULL COMMENT 'Exchange symbol as the API writes it, case kept',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a New York session date',
  window_start TIMESTAMP NOT NULL COMMENT 'Begin of the minute, UTC',
  open DOUBLE NOT NULL COMMENT 'First price of the minute, USD a share as traded',
  high DOUBLE NOT NULL COMMENT 'Highest price of the minute, USD a share as traded',
  low DOUBLE NOT NULL COMMENT 'Lowest price of the minute, USD a share as traded',
  close DOUBLE NOT NULL COMMENT 'Last price of the minute, USD a share as traded',
  volume DOUBLE NOT NULL COMMENT 'Shares traded, fractional shares included',
  vwap DOUBLE COMMENT 'Volume-weighted average price, USD a share as traded',
  trades BIGINT COMMENT 'Number of transactions',
  otc BOOLEAN COMMENT 'True for over-the-counter tickers; not given for listed ones',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: minute bars of a list of tickers as traded, one row a ticker and minute with a trade';

SELECT
  ticker,
  market_date,
  CASE WHEN TRY_CAST(window_start AS DOUBLE) BETWEEN 0 AND 4102444800000
    THEN timestamp_millis(CAST(TRY_CAST(window_start AS DOUBLE) AS BIGINT)) END AS window_start,
{include silver/bar_values.sql},
  coalesce(TRY_CAST(trades AS BIGINT), CASE WHEN TRY_CAST(trades AS DOUBLE) = floor(TRY_CAST(trades AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(trades AS DOUBLE) AS BIGINT) END) AS trades,
  TRY_CAST(otc AS BOOLEAN) AS otc,
{include silver/from_bronze.sql};
