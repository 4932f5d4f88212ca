-- Minute bars of a list of indices as the stream sends them: provisional, the last one received counts.
CREATE TABLE IF NOT EXISTS {silver}.indices_minute_stream (
  ticker STRING NOT NULL COMMENT 'Index as the API writes it, such as I:SPX',
  market_date DATE NOT NULL COMMENT 'Market day that it was recorded under, a New York session date',
  bar_start TIMESTAMP NOT NULL COMMENT 'Start of the minute, UTC',
  open DOUBLE NOT NULL COMMENT 'First value of the minute, points',
  high DOUBLE NOT NULL COMMENT 'Highest value of the minute, points',
  low DOUBLE NOT NULL COMMENT 'Lowest value of the minute, points',
  close DOUBLE NOT NULL COMMENT 'Last value of the minute, points',
{include silver/stream_columns.sql},
{include silver/origin_columns.sql}
) USING delta
COMMENT 'Indices: minute bars of the stream, one row an index and minute; minute_bars settles them';

SELECT
  ticker,
  market_date,
  bar_start,
  open,
  high,
  low,
  close,
{include silver/stream_revisions.sql}
FROM (
  SELECT
    ticker,
    market_date,
    -- The source's own example begins within the minute that it is about.
    CASE WHEN TRY_CAST(bar_start AS DOUBLE) BETWEEN 0 AND 4102444800000
      THEN date_trunc('MINUTE', timestamp_millis(CAST(TRY_CAST(bar_start AS DOUBLE) AS BIGINT))) END AS bar_start,
    TRY_CAST(open AS DOUBLE) AS open,
    TRY_CAST(high AS DOUBLE) AS high,
    TRY_CAST(low AS DOUBLE) AS low,
    TRY_CAST(close AS DOUBLE) AS close,
{include silver/stream_received.sql},
{include silver/from_bronze.sql}
);
