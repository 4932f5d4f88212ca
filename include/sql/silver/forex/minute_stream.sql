-- Minute bars of a list of pairs as the stream sends them: provisional, the last one received counts.
CREATE TABLE IF NOT EXISTS {silver}.forex_minute_stream (
  ticker STRING NOT NULL COMMENT 'Pair as the API writes it, whatever the stream calls it',
  market_date DATE NOT NULL COMMENT 'Market day that it was recorded under',
  bar_start TIMESTAMP NOT NULL COMMENT 'Start of the minute, UTC',
{include silver/pair_minute_columns.sql},
  volume DOUBLE NOT NULL COMMENT 'Number of quotes',
{include silver/stream_columns.sql},
{include silver/origin_columns.sql}
) USING delta
COMMENT 'Forex: minute bars of the stream, one row a pair and minute; minute_bars settles them';

SELECT
  ticker,
  market_date,
  bar_start,
  open,
  high,
  low,
  close,
  volume,
{include silver/stream_revisions.sql}
FROM (
  SELECT
    CASE WHEN ticker LIKE 'C:%' THEN ticker ELSE concat('C:', replace(ticker, '/', '')) END AS ticker,
    market_date,
    CASE WHEN TRY_CAST(bar_start AS DOUBLE) BETWEEN 0 AND 4102444800000
      THEN timestamp_millis(CAST(TRY_CAST(bar_start AS DOUBLE) AS BIGINT)) END AS bar_start,
    TRY_CAST(open AS DOUBLE) AS open,
    TRY_CAST(high AS DOUBLE) AS high,
    TRY_CAST(low AS DOUBLE) AS low,
    TRY_CAST(close AS DOUBLE) AS close,
    TRY_CAST(volume AS DOUBLE) AS volume,
{include silver/stream_received.sql},
{include silver/from_bronze.sql}
);
