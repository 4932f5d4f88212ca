-- One bar a ticker and market day, as traded: prices and volume are not adjusted for splits or dividends.
CREATE TABLE IF NOT EXISTS {silver}.stocks_grouped_daily (
  ticker STRING NOT NULL COMMENT 'Exchange symbol as the API writes it, case kept',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a New York session date',
  open DOUBLE NOT NULL COMMENT 'First price of the session, USD a share as traded',
  high DOUBLE NOT NULL COMMENT 'Highest price of the session, USD a share as traded',
  low DOUBLE NOT NULL COMMENT 'Lowest price of the session, USD a share as traded',
  close DOUBLE NOT NULL COMMENT 'Last price of the session, USD a share as traded',
  volume DOUBLE NOT NULL COMMENT 'Shares traded, fractional shares included',
  vwap DOUBLE COMMENT 'Volume-weighted average price, USD a share as traded',
  trades BIGINT COMMENT 'Number of transactions',
  window_end TIMESTAMP COMMENT 'End of the bar as the API gives it, UTC',
  otc BOOLEAN COMMENT 'True for over-the-counter tickers; not given for listed ones',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: daily bars of the whole market as traded, one row a ticker and market day';

{include silver/day_bars.sql},
  -- Whole numbers may come as 12.0 or 1.2e+01; a DOUBLE holds those up to 2^53 to the last digit.
  coalesce(TRY_CAST(trades AS BIGINT), CASE WHEN TRY_CAST(trades AS DOUBLE) = floor(TRY_CAST(trades AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(trades AS DOUBLE) AS BIGINT) END) AS trades,
  CASE WHEN TRY_CAST(window_end AS DOUBLE) BETWEEN 0 AND 4102444800000
    THEN timestamp_millis(CAST(TRY_CAST(window_end AS DOUBLE) AS BIGINT)) END AS window_end,
  TRY_CAST(otc AS BOOLEAN) AS otc,
{include silver/from_bronze.sql};
