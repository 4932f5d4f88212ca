-- Minute bars of a list of pairs as the stream sends them: provisional, the last one received counts.
CREATE TABLE IF NOT EXISTS {silver}.crypto_minute_stream (
  ticker STRING NOT NULL COMMENT 'Pair as the API writes it, whatever the stream calls it',
  market_date DATE NOT NULL COMMENT 'Market day that it was recorded under',
  bar_start TIMESTAMP NOT NULL COMMENT 'Start of the minute, UTC',
{include silver/pair_minute_columns.sql},
  volume DOUBLE NOT NULL COMMENT 'Units of the base currency traded, fractions included',
  vwap DOUBLE COMMENT 'Volume-weighted average price, units of the quote currency for one of the base currency',
{include silver/stream_columns.sql},
{include silver/origin_columns.sql}
) USING delta
COMMENT 'Crypto: minute bars of the stream, one row a pair and minute; minute_bars settles them';

SELECT
  ticker,
  market_date,
  bar_start,
  open,
  high,
  low,
  close,
  volume,
  vwap,
{include silver/stream_revisions.sql}
FROM (
  SELECT
    CASE WHEN ticker LIKE 'X:%' THEN ticker ELSE concat('X:', replace(ticker, '-', '')) END AS ticker,
    market_date,
    CASE WHEN TRY_CAST(bar_start AS DOUBLE) BETWEEN 0 AND 4102444800000
      THEN timestamp_millis(CAST(TRY_CAST(bar_start AS DOUBLE) AS BIGINT)) END AS bar_start,
    TRY_CAST(open AS DOUBLE) AS open,
    TRY_CAST(high AS DOUBLE) AS high,
    TRY_CAST(low AS DOUBLE) AS low,
    TRY_CAST(close AS DOUBLE) AS close,
    TRY_CAST(volume AS DOUBLE) AS volume,
    TRY_CAST(vwap AS DOUBLE) AS vwap,
{include silver/stream_received.sql},
{include silver/from_bronze.sql}
);
