-- Returns from market day to market day; the calendar's week has six of them. A Sunday's return is the gap over the weekend
-- and the first two or three hours, Monday's begins where Sunday ended: log returns of a week add up to the week's return.
-- 20 market days are three weeks and two days; volatility of a day times sqrt(313) is that of a year.
-- Windows are counted in market days of the calendar, so that a pair without a price on some has fewer returns in its
-- window, not older ones.
CREATE TABLE IF NOT EXISTS {gold}.forex_daily_returns (
  ticker STRING NOT NULL COMMENT 'Pair, base currency first: C:EURUSD',
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day; Sundays begin and Fridays end at 17:00 New York',
  simple_return DOUBLE COMMENT 'close / previous close - 1, fraction (0.01 is 1 %); NULL when none in 20 market days',
  log_return DOUBLE COMMENT 'Natural logarithm of close / previous close, fraction',
  volatility_20d DOUBLE COMMENT 'Sample standard deviation of log_return over 20 market days, this one included, fraction a day (not annualised); NULL below 10 returns',
  zscore DOUBLE COMMENT 'Distance of log_return from the mean of the 20 market days before, in their standard deviations; NULL below 10 returns',
  is_anomaly BOOLEAN COMMENT 'True when zscore is more than 6 away from 0'
) USING delta
COMMENT 'Forex: daily returns, their volatility, and how unusual they are';

WITH paired AS (
  SELECT prices.ticker, prices.market_date, prices.close, market_days.session,
    LAG(prices.close) OVER (PARTITION BY prices.ticker ORDER BY market_days.session) AS previous_close,
    LAG(market_days.session) OVER (PARTITION BY prices.ticker ORDER BY market_days.session) AS previous_session
  FROM {gold}.forex_daily_prices prices
  JOIN market_days ON market_days.market_date = prices.market_date
  WHERE prices.market_date BETWEEN {reach} AND {last}
),
returned AS (
  SELECT ticker, market_date, session,
    CASE WHEN session - previous_session <= 20 THEN close / previous_close - 1 END AS simple_return,
    CASE WHEN session - previous_session <= 20 THEN ln(close / previous_close) END AS log_return
  FROM paired
),
windowed AS (
  SELECT *,
    count(log_return) OVER latest AS latest_count,
    stddev_samp(log_return) OVER latest AS latest_deviation,
    count(log_return) OVER earlier AS earlier_count,
    avg(log_return) OVER earlier AS earlier_mean,
    stddev_samp(log_return) OVER earlier AS earlier_deviation
  FROM returned
  WINDOW latest AS (PARTITION BY ticker ORDER BY session RANGE BETWEEN 19 PRECEDING AND CURRENT ROW),
    earlier AS (PARTITION BY ticker ORDER BY session RANGE BETWEEN 20 PRECEDING AND 1 PRECEDING)
),
scored AS (
  SELECT *,
    CASE WHEN latest_count >= 10 THEN latest_deviation END AS volatility_20d,
    -- Below this a deviation is rounding, not movement: a price that stood still.
    CASE WHEN earlier_count >= 10 AND earlier_deviation > 1e-9
      THEN (log_return - earlier_mean) / earlier_deviation END AS zscore
  FROM windowed
  WHERE {days}
)
SELECT ticker, market_date, simple_return, log_return, volatility_20d, zscore,
  coalesce(abs(zscore) > 6, false) AS is_anomaly
FROM scored;
