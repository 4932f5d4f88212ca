-- Returns on the premium, of each contract by itself: one that has the symbol of another since a split of the underlying
-- has no return over it.
-- Key: ticker, market_date
-- NULL: what is computed from a column that is NULL
CREATE TABLE IF NOT EXISTS {gold}.options_daily_returns (
  ticker STRING NOT NULL COMMENT 'Symbol of the contract',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  simple_return DOUBLE COMMENT 'close / previous close - 1, fraction (0.01 is 1 %); NULL when none in 20 market days',
  log_return DOUBLE COMMENT 'Natural logarithm of close / previous close, fraction',
  volatility_20d DOUBLE COMMENT 'Sample standard deviation of log_return over 20 market days, this one included, fraction a day; NULL below 10 returns',
  volatility_20d_annualised DOUBLE COMMENT 'volatility_20d * sqrt(252), fraction a year: as many market days has one',
  zscore DOUBLE COMMENT 'Distance of log_return from the mean of the 20 market days before, in their standard deviations; NULL below 10 returns',
  is_anomaly BOOLEAN COMMENT 'True when zscore is more than 6 away from 0, or log_return more than 0.01 from the mean of 20 market days in which the price stood still; NULL when it cannot be judged: no return, or fewer than 10 in the 20 market days before',
  anomaly_reason STRING COMMENT 'NULL when it is no anomaly; else deviations, which is by zscore, or stood still, where there is none'
) USING delta
COMMENT 'US options: daily returns of contracts, their volatility, and how unusual they are';

WITH closes AS (
  SELECT ticker, security, market_date, close, close AS worth, 0 AS unknown FROM {gold}.options_daily_prices
),
{include gold/returns.sql}
SELECT ticker, market_date, simple_return, log_return, volatility_20d, volatility_20d * sqrt(252) AS volatility_20d_annualised, zscore, is_anomaly,
  anomaly_reason
FROM scored;
