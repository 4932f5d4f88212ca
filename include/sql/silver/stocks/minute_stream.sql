-- Minute bars of a list of tickers as the stream sends them: provisional, the last one received counts.
CREATE TABLE IF NOT EXISTS {silver}.stocks_minute_stream (
  ticker STRING NOT NULL COMMENT 'Exchange symbol as the API writes it, case kept',
  market_date DATE NOT NULL COMMENT 'Market day that it was recorded under, a New York session date',
  window_start TIMESTAMP NOT NULL COMMENT 'Start of the minute, UTC',
  open DOUBLE NOT NULL COMMENT 'First price of the minute, USD a share as traded',
  high DOUBLE NOT NULL COMMENT 'Highest price of the minute, USD a share as traded',
  low DOUBLE NOT NULL COMMENT 'Lowest price of the minute, USD a share as traded',
  close DOUBLE NOT NULL COMMENT 'Last price of the minute, USD a share as traded',
  volume DOUBLE NOT NULL COMMENT 'Shares traded, fractional shares included',
  vwap DOUBLE COMMENT 'Volume-weighted average price, USD a share as traded',
{include silver/stream_columns.sql},
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: minute bars of the stream, one row a ticker and minute; minute_bars settles them';

SELECT
  ticker,
  market_date,
  bar_start AS window_start,
  open,
  high,
  low,
  close,
  volume,
  vwap,
{include silver/stream_revisions.sql}
FROM (
  SELECT
    ticker,
    market_date,
    CASE WHEN TRY_CAST(window_start AS DOUBLE) BETWEEN 0 AND 4102444800000
      THEN timestamp_millis(CAST(TRY_CAST(window_start AS DOUBLE) AS BIGINT)) END AS bar_start,
    TRY_CAST(open AS DOUBLE) AS open,
    TRY_CAST(high AS DOUBLE) AS high,
    TRY_CAST(low AS DOUBLE) AS low,
    TRY_CAST(close AS DOUBLE) AS close,
    TRY_CAST(volume AS DOUBLE) AS volume,
    TRY_CAST(vwap AS DOUBLE) AS vwap,
{include silver/stream_received.sql},
{include silver/from_bronze.sql}
);
