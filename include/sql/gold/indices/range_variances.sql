-- How far prices moved on a day, by their range: worth twice the days of a variance of returns.
-- Key: ticker, market_date
-- NULL: what is computed from a column that is NULL
CREATE TABLE IF NOT EXISTS {gold}.indices_range_variances (
  ticker STRING NOT NULL COMMENT 'Index, such as I:SPX',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  is_liquid BOOLEAN COMMENT 'True where its close is at least 1 and its turnover at least 1,000,000, both in the currency of its price, and where it has no turnover at all: what losses of forecasts count',
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
