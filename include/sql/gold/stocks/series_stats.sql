-- Each security against its own past and the benchmark: means of its prices, and all else on total return. A later split or
-- dividend changes none of it: means are in shares as counted on the day, and all else is ratios.
-- Key: ticker, market_date
-- NULL: while a window is not full, which it is with a value on its first market day and on nine in ten of all
CREATE TABLE IF NOT EXISTS {gold}.stocks_series_stats (
  ticker STRING NOT NULL COMMENT 'Exchange symbol, as borne on the day',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  mean_20d DOUBLE COMMENT 'Mean of adj_close over 20 market days, this one included, USD a share as counted on the day: compare with close',
  mean_50d DOUBLE COMMENT 'Mean of adj_close over 50 market days, this one included, USD a share as counted on the day: compare with close',
  mean_200d DOUBLE COMMENT 'Mean of adj_close over 200 market days, this one included, USD a share as counted on the day: compare with close',
  momentum_21d DOUBLE COMMENT 'total_return_close / total_return_close 21 market days before - 1, fraction (0.01 is 1 %); NULL where it has none on that day',
  momentum_63d DOUBLE COMMENT 'total_return_close / total_return_close 63 market days before - 1, fraction (0.01 is 1 %); NULL where it has none on that day',
  momentum_252d DOUBLE COMMENT 'total_return_close / total_return_close 252 market days before - 1, fraction (0.01 is 1 %); NULL where it has none on that day',
  drawdown_252d DOUBLE COMMENT 'total_return_close / its highest of 252 market days, this one included, - 1, fraction',
  drawdown_sessions_252d BIGINT COMMENT 'How long ago it was as high, and the last time if more than once, market days; 0 on the day of the high',
  beta_60d DOUBLE COMMENT 'Sample covariance of total_return with that of the benchmark over 60 market days, this one included, / sample variance of the latter, number',
  beta_250d DOUBLE COMMENT 'Sample covariance of total_return with that of the benchmark over 250 market days, this one included, / sample variance of the latter, number',
  correlation_60d DOUBLE COMMENT 'Correlation of total_return with that of the benchmark over 60 market days, this one included, -1 to 1; NULL where one of the two stands still',
  correlation_250d DOUBLE COMMENT 'Correlation of total_return with that of the benchmark over 250 market days, this one included, -1 to 1; NULL where one of the two stands still',
  benchmark STRING COMMENT 'Ticker that it is compared with; NULL where none is declared',
  security STRING COMMENT 'The security, the same under whatever ticker: see stocks_instruments'
) USING delta
COMMENT 'US stocks: means, momentum, drawdown, beta and correlation, one row a ticker and market day';

WITH
{include gold/unknown_actions.sql},
observed AS (
  SELECT prices.ticker, prices.security, prices.market_date, prices.adj_close AS close, prices.total_return_close AS total,
    prices.split_factor AS scale, returns.total_return AS day_return, known.unknown
  FROM {gold}.stocks_daily_prices prices
  JOIN known ON known.market_date = prices.market_date
  LEFT JOIN (SELECT ticker, market_date, total_return FROM {gold}.stocks_daily_returns) returns
    ON returns.ticker = prices.ticker AND returns.market_date = prices.market_date
  WHERE prices.market_date BETWEEN {far_reach} AND {last}
),
{include gold/series_stats.sql}
SELECT ticker, market_date, mean_20d, mean_50d, mean_200d, momentum_21d, momentum_63d, momentum_252d, drawdown_252d,
  drawdown_sessions_252d, beta_60d, beta_250d, correlation_60d, correlation_250d, benchmark, security
FROM measured;
