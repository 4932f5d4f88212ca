-- Each pair against its own past and the benchmark, on the close. A session is a market day of the calendar's week of six.
-- Key: ticker, market_date
-- NULL: while a window is not full, which it is with a value on its first market day and on nine in ten of all
CREATE TABLE IF NOT EXISTS {gold}.forex_series_stats (
  ticker STRING NOT NULL COMMENT 'Pair, base currency first: C:EURUSD',
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day; Sundays begin and Fridays end at 17:00 New York',
  mean_20d DOUBLE COMMENT 'Mean of close over 20 market days, this one included, units of the quote currency for one of the base currency: compare with close',
  mean_50d DOUBLE COMMENT 'Mean of close over 50 market days, this one included, units of the quote currency for one of the base currency: compare with close',
  mean_200d DOUBLE COMMENT 'Mean of close over 200 market days, this one included, units of the quote currency for one of the base currency: compare with close',
  momentum_21d DOUBLE COMMENT 'close / close 21 market days before - 1, fraction (0.01 is 1 %); NULL where it has none on that day',
  momentum_63d DOUBLE COMMENT 'close / close 63 market days before - 1, fraction (0.01 is 1 %); NULL where it has none on that day',
  momentum_252d DOUBLE COMMENT 'close / close 252 market days before - 1, fraction (0.01 is 1 %); NULL where it has none on that day',
  drawdown_252d DOUBLE COMMENT 'close / its highest of 252 market days, this one included, - 1, fraction',
  drawdown_sessions_252d BIGINT COMMENT 'How long ago it was as high, and the last time if more than once, market days; 0 on the day of the high',
  beta_60d DOUBLE COMMENT 'Sample covariance of simple_return with that of the benchmark over 60 market days, this one included, / sample variance of the latter, number',
  beta_250d DOUBLE COMMENT 'Sample covariance of simple_return with that of the benchmark over 250 market days, this one included, / sample variance of the latter, number',
  correlation_60d DOUBLE COMMENT 'Correlation of simple_return with that of the benchmark over 60 market days, this one included, -1 to 1; NULL where one of the two stands still',
  correlation_250d DOUBLE COMMENT 'Correlation of simple_return with that of the benchmark over 250 market days, this one included, -1 to 1; NULL where one of the two stands still',
  benchmark STRING COMMENT 'Ticker that it is compared with; NULL where none is declared'
) USING delta
COMMENT 'Forex: means, momentum, drawdown, beta and correlation, one row a pair and market day';

WITH observed AS (
  SELECT prices.ticker, prices.ticker AS security, prices.market_date, prices.close, prices.close AS total, 1 AS scale,
    returns.simple_return AS day_return, 0 AS unknown
  FROM {gold}.forex_daily_prices prices
  LEFT JOIN {gold}.forex_daily_returns returns
    ON returns.ticker = prices.ticker AND returns.market_date = prices.market_date
  WHERE prices.market_date BETWEEN {far_reach} AND {last}
),
{include gold/series_stats.sql}
SELECT ticker, market_date, mean_20d, mean_50d, mean_200d, momentum_21d, momentum_63d, momentum_252d, drawdown_252d,
  drawdown_sessions_252d, beta_60d, beta_250d, correlation_60d, correlation_250d, benchmark
FROM measured;
