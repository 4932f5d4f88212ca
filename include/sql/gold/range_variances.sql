-- From `bars` (ticker, security, market_date, open, high, low, close, opened, closed, turnover, unknown) to `clipped`: how far a
-- price moved on each day asked for, by its range. `opened` and `closed` are the first and last price as the holder's wealth
-- counts them, `unknown` how many market days up to this one have actions that nobody knows: no night spans one of them.
-- Prices that are not possible (none, 0, high below low) have no row.
numbered AS (
  SELECT bars.*, market_days.session
  FROM bars
  JOIN market_days ON market_days.market_date = bars.market_date
  WHERE bars.open > 0 AND bars.low > 0 AND bars.close > 0 AND bars.high >= bars.low
),
paired AS (
  SELECT *,
    LAG(closed) OVER (PARTITION BY security ORDER BY session) AS previous_closed,
    LAG(session) OVER (PARTITION BY security ORDER BY session) AS previous_session,
    LAG(unknown) OVER (PARTITION BY security ORDER BY session) AS previous_unknown
  FROM numbered
),
ranged AS (
  SELECT ticker, security, market_date, session,
    turnover IS NULL OR (turnover >= 1000000 AND close >= 1) AS is_liquid,
    ln(opened / base) AS overnight_return,
    ln(closed / base) AS day_return,
    -- Below 0 where a bar opens at one end and closes at the other; its range is none then, not less.
    greatest(pow(ln(high / low), 2) / 2 - (2 * ln(2) - 1) * pow(ln(close / open), 2), CAST(0 AS DOUBLE)) AS session_variance
  FROM (
    SELECT *, CASE WHEN session - previous_session BETWEEN 1 AND 20 AND unknown = previous_unknown AND previous_closed > 0
      THEN previous_closed END AS base
    FROM paired
  ) based
),
moved AS (
  SELECT *, overnight_return * overnight_return + session_variance AS range_variance FROM ranged
),
usual AS (
  SELECT *,
    percentile(range_variance, CAST(0.5 AS DOUBLE)) OVER (PARTITION BY security ORDER BY session RANGE BETWEEN 66 PRECEDING AND 1 PRECEDING) AS middle,
    count(range_variance) OVER (PARTITION BY security ORDER BY session RANGE BETWEEN 66 PRECEDING AND 1 PRECEDING) AS days
  FROM moved
),
-- One bad price is a variance of thousands of days: it weighs as 20 of them here.
clipped AS (
  SELECT ticker, security, market_date, is_liquid, overnight_return, day_return, session_variance, range_variance,
    CASE WHEN range_variance IS NOT NULL AND days >= 10 THEN least(greatest(range_variance, middle / 20), middle * 20) END AS clipped_variance
  FROM usual
  WHERE {days}
)
