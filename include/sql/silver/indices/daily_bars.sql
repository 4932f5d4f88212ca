-- One bar an index and market day. An index has values and no trades: no volume, no average price.
CREATE TABLE IF NOT EXISTS {silver}.indices_daily_bars (
  ticker STRING NOT NULL COMMENT 'Index as the API writes it, such as I:SPX',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a New York session date',
  open DOUBLE NOT NULL COMMENT 'First value of the day, points',
  high DOUBLE NOT NULL COMMENT 'Highest value of the day, points',
  low DOUBLE NOT NULL COMMENT 'Lowest value of the day, points',
  close DOUBLE NOT NULL COMMENT 'Last value of the day, points',
  window_start TIMESTAMP COMMENT 'Start of the bar as the API gives it, midnight New York, UTC',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'Indices: daily bars of a list of indices, one row an index and market day';

SELECT
  ticker,
  market_date,
  TRY_CAST(open AS DOUBLE) AS open,
  TRY_CAST(high AS DOUBLE) AS high,
  TRY_CAST(low AS DOUBLE) AS low,
  TRY_CAST(close AS DOUBLE) AS close,
  CASE WHEN TRY_CAST(window_start AS DOUBLE) BETWEEN 0 AND 4102444800000
    THEN timestamp_millis(CAST(TRY_CAST(window_start AS DOUBLE) AS BIGINT)) END AS window_start,
{include silver/from_bronze.sql};
