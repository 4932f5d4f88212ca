-- How far prices moved on a day, by their range: worth twice the days of a variance of returns.
-- Key: ticker, market_date
-- NULL: what is computed from a column that is NULL
CREATE TABLE IF NOT EXISTS {gold}.forex_range_variances (
  ticker STRING NOT NULL COMMENT 'Pair, base currency first: C:EURUSD',
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day; Sundays begin and Fridays end at 17:00 New York',
{include gold/is_liquid_column.sql},
{include gold/range_variance_columns.sql}
) USING delta
COMMENT 'Forex: variance of each day by its range, one row a pair and market day';

WITH bars AS (
  SELECT ticker, ticker AS security, market_date, open, high, low, close, open AS opened, close AS closed, CAST(NULL AS DOUBLE) AS turnover, 0 AS unknown
  FROM {gold}.forex_daily_prices
  WHERE market_date BETWEEN {quarter_reach} AND {last}
),
{include gold/range_variances.sql}
SELECT ticker, market_date, is_liquid, overnight_return, day_return, session_variance, range_variance, clipped_variance
FROM clipped;
