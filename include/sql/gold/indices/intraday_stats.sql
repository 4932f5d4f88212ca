-- The day of each index of the list, from its minutes, those outside the session included where it has any.
-- Key: ticker, market_date
-- NULL: nothing
CREATE TABLE IF NOT EXISTS {gold}.indices_intraday_stats (
  ticker STRING NOT NULL COMMENT 'Index, such as I:SPX',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
{include gold/minute_span_columns.sql},
  intraday_open DOUBLE COMMENT 'First value of the minutes, points',
  intraday_high DOUBLE COMMENT 'Highest value of the minutes, points',
  intraday_low DOUBLE COMMENT 'Lowest value of the minutes, points',
  intraday_close DOUBLE COMMENT 'Last value of the minutes, points',
  average_value DOUBLE COMMENT 'Mean of the last values of all minutes, points: without volume each minute counts the same',
  realised_volatility DOUBLE COMMENT 'Square root of the sum of squared log returns from minute to minute, fraction a day',
  realised_volatility_annualised DOUBLE COMMENT 'realised_volatility * sqrt(252), fraction a year: as many market days has one',
  largest_move DOUBLE COMMENT 'Largest log return of a minute, up or down, without its sign, fraction',
{include gold/old_intraday_columns.sql}
) USING delta
COMMENT 'Indices: what the minutes of a day tell, one row an index of the list and market day';

{include gold/minute_returns.sql},
stats AS (
  SELECT
{include gold/minutes_of_a_day.sql},
    avg(close) AS average_value,
    sqrt(sum(log_return * log_return)) AS realised_volatility,
    sqrt(sum(log_return * log_return)) * sqrt(252) AS realised_volatility_annualised,
    max(abs(log_return)) AS largest_move
  FROM moved
  GROUP BY ticker, market_date
)
SELECT *,
{include gold/old_intraday_names.sql}
FROM stats;
