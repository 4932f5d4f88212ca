-- The day of each index of the list, from its minutes, those outside the session included where it has any.
-- Key: ticker, market_date
-- NULL: nothing
CREATE TABLE IF NOT EXISTS {gold}.indices_intraday_stats (
  ticker STRING NOT NULL COMMENT 'Index, such as I:SPX',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  minutes BIGINT COMMENT 'Minutes with a bar, number',
  first_bar_at TIMESTAMP COMMENT 'Start of the first of them, UTC',
  last_bar_at TIMESTAMP COMMENT 'Start of the last of them, UTC',
  intraday_open DOUBLE COMMENT 'First value of the minutes, points',
  intraday_high DOUBLE COMMENT 'Highest value of the minutes, points',
  intraday_low DOUBLE COMMENT 'Lowest value of the minutes, points',
  intraday_close DOUBLE COMMENT 'Last value of the minutes, points',
  average_value DOUBLE COMMENT 'Mean of the last values of all minutes, points: without volume each minute counts the same',
  realised_volatility DOUBLE COMMENT 'Square root of the sum of squared log returns from minute to minute, fraction a day',
  realised_volatility_annualised DOUBLE COMMENT 'realised_volatility * sqrt(252), fraction a year: as many market days has one',
  largest_move DOUBLE COMMENT 'Largest log return of a minute, up or down, without its sign, fraction',
  open DOUBLE COMMENT 'Old name of intraday_open, for one release',
  high DOUBLE COMMENT 'Old name of intraday_high, for one release',
  low DOUBLE COMMENT 'Old name of intraday_low, for one release',
  close DOUBLE COMMENT 'Old name of intraday_close, for one release'
) USING delta
COMMENT 'Indices: what the minutes of a day tell, one row an index of the list and market day';

WITH paired AS (
  SELECT *, LAG(close) OVER (PARTITION BY ticker, market_date ORDER BY bar_start) AS previous_close
  FROM {silver}.indices_minute_bars
  WHERE {days}
),
moved AS (
  SELECT *, ln(close / coalesce(previous_close, open)) AS log_return FROM paired
),
stats AS (
  SELECT
    ticker,
    market_date,
    count(*) AS minutes,
    min(bar_start) AS first_bar_at,
    max(bar_start) AS last_bar_at,
    min_by(open, bar_start) AS intraday_open,
    max(high) AS intraday_high,
    min(low) AS intraday_low,
    max_by(close, bar_start) AS intraday_close,
    avg(close) AS average_value,
    sqrt(sum(log_return * log_return)) AS realised_volatility,
    sqrt(sum(log_return * log_return)) * sqrt(252) AS realised_volatility_annualised,
    max(abs(log_return)) AS largest_move
  FROM moved
  GROUP BY ticker, market_date
)
SELECT *,
  intraday_open AS open,
  intraday_high AS high,
  intraday_low AS low,
  intraday_close AS close
FROM stats;
