-- What could be known of each day's volatility before the next session began. A row that was known in time stays as it was:
-- what is restated later is in the rows of later days.
-- Key: ticker, market_date
-- NULL: while a window is not full
CREATE TABLE IF NOT EXISTS {gold}.stocks_volatility_features (
  ticker STRING NOT NULL COMMENT 'Exchange symbol, as borne on the day',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
{include gold/is_liquid_column.sql},
{include gold/volatility_feature_columns.sql},
  security STRING COMMENT 'The security, the same under whatever ticker: see stocks_instruments'
) USING delta
COMMENT 'US stocks: what a forecast of the next day may know, one row a ticker and market day';

WITH variances AS (
  SELECT ticker, security, market_date, is_liquid, day_return, clipped_variance
  FROM {gold}.stocks_range_variances
  WHERE market_date BETWEEN {year_reach} AND {last}
),
{include gold/volatility_features.sql}
SELECT ticker, market_date, is_liquid, return_1d, variance_1d, variance_5d, variance_22d, variance_252d, variance_ewma,
  squared_return_20d, days_with_variance, known_at, is_late, security
FROM described;
