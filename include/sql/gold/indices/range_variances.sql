-- How far prices moved on a day, by their range: worth twice the days of a variance of returns.
-- Key: ticker, market_date
-- NULL: what is computed from a column that is NULL
CREATE TABLE IF NOT EXISTS {gold}.indices_range_variances (
  ticker STRING NOT NULL COMMENT 'Index, such as I:SPX',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
{include gold/is_liquid_column.sql},
{include gold/range_variance_columns.sql}
) USING delta
COMMENT 'Indices: variance of each day by its range, one row an index and market day';

WITH bars AS (
  SELECT ticker, ticker AS security, market_date, open, high, low, close, open AS opened, close AS closed, CAST(NULL AS DOUBLE) AS turnover, 0 AS unknown
  FROM {gold}.indices_daily_prices
  WHERE market_date BETWEEN {quarter_reach} AND {last}
),
{include gold/range_variances.sql}
SELECT ticker, market_date, is_liquid, overnight_return, day_return, session_variance, range_variance, clipped_variance
FROM clipped;
