-- Values of the day. An index is not traded: it has no volume.
-- Key: ticker, market_date
-- NULL: what the source did not give
CREATE TABLE IF NOT EXISTS {gold}.indices_daily_prices (
  ticker STRING NOT NULL COMMENT 'Index, such as I:SPX',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  open DOUBLE COMMENT 'First value of the day, points',
  high DOUBLE COMMENT 'Highest value of the day, points',
  low DOUBLE COMMENT 'Lowest value of the day, points',
  close DOUBLE COMMENT 'Last value of the day, points',
  volume DOUBLE COMMENT 'NULL: an index has none'
) USING delta
COMMENT 'Indices: daily values, one row an index and market day';

SELECT
  ticker,
  market_date,
  open,
  high,
  low,
  close,
  CAST(NULL AS DOUBLE) AS volume
FROM {silver}.indices_daily_bars
WHERE {days};
