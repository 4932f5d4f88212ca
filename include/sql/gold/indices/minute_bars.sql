-- Minutes of the listed indices, those outside the session included where it has any. An index has no volume.
-- Key: ticker, market_date, bar_start
-- NULL: what the source did not give
CREATE TABLE IF NOT EXISTS {gold}.indices_minute_bars (
  ticker STRING NOT NULL COMMENT 'Index, such as I:SPX',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  bar_start TIMESTAMP NOT NULL COMMENT 'Start of the minute, UTC',
  minute_open DOUBLE COMMENT 'First value of the minute, points',
  minute_high DOUBLE COMMENT 'Highest value of the minute, points',
  minute_low DOUBLE COMMENT 'Lowest value of the minute, points',
  minute_close DOUBLE COMMENT 'Last value of the minute, points'
) USING delta
COMMENT 'Indices: minute bars of the listed indices, one row an index and minute with a value';

SELECT
{include gold/minute_prices.sql}
FROM {silver}.indices_minute_bars
WHERE {days};
