-- From `closes` (ticker, security, market_date, close, worth, unknown) to `scored`: returns of the days asked for along each
-- security, their volatility, and how unusual they are. `worth` is the close and the cash that came since the close before,
-- `unknown` how many market days up to this one have actions that nobody knows: no return spans one of them. Windows are
-- counted in market days of the calendar, so that what did not trade on some has fewer returns in its window, not older ones.
prices AS (
  SELECT closes.ticker, closes.security, closes.market_date, closes.close, closes.worth, closes.unknown, market_days.session
  FROM closes
  JOIN market_days ON market_days.market_date = closes.market_date
  WHERE closes.market_date BETWEEN {reach} AND {last}
),
paired AS (
  SELECT *,
    LAG(close) OVER (PARTITION BY security ORDER BY session) AS previous_close,
    LAG(session) OVER (PARTITION BY security ORDER BY session) AS previous_session,
    LAG(unknown) OVER (PARTITION BY security ORDER BY session) AS previous_unknown
  FROM prices
),
returned AS (
  SELECT ticker, security, market_date, session,
    close / base - 1 AS simple_return,
    ln(close / base) AS log_return,
    worth / base - 1 AS total_return,
    ln(worth / base) AS log_total
  FROM (
    SELECT *, CASE WHEN session - previous_session BETWEEN 1 AND 20 AND unknown = previous_unknown
      THEN previous_close END AS base
    FROM paired
  ) based
),
asked AS (
  SELECT * FROM returned WHERE {days}
),
-- Windows as a join on blocks of 20 market days: a day's window lies in its own block and the one before, so that few
-- days cost little, and many days no more than two blocks each. A sliding window takes out of its sums what it leaves
-- behind on some engines, and a price that stands still after a jump keeps a deviation of rounding, or none at all.
counted AS (
  SELECT asked.ticker, asked.market_date,
    count(CASE WHEN held.session > asked.session - 20 THEN held.log_total END) AS latest_count,
    stddev_samp(CASE WHEN held.session > asked.session - 20 THEN held.log_total END) AS latest_deviation,
    count(CASE WHEN held.session < asked.session THEN held.log_total END) AS earlier_count,
    avg(CASE WHEN held.session < asked.session THEN held.log_total END) AS earlier_mean,
    stddev_samp(CASE WHEN held.session < asked.session THEN held.log_total END) AS earlier_deviation
  FROM (
    SELECT ticker, security, market_date, session, explode(array(session DIV 20, session DIV 20 - 1)) AS block FROM asked
  ) asked
  JOIN (SELECT security, session, session DIV 20 AS block, log_total FROM returned) held
    ON held.security = asked.security AND held.block = asked.block
    AND held.session >= asked.session - 20 AND held.session <= asked.session
  GROUP BY asked.ticker, asked.market_date
),
measured AS (
  SELECT asked.ticker, asked.security, asked.market_date, asked.simple_return, asked.log_return, asked.total_return,
    CASE WHEN latest_count >= 10 THEN latest_deviation END AS volatility_20d,
    -- Below this a deviation is rounding, not movement: a price that stood still.
    CASE WHEN earlier_count >= 10 AND earlier_deviation > 1e-9
      THEN (asked.log_total - earlier_mean) / earlier_deviation END AS zscore,
    CASE WHEN earlier_count >= 10 AND earlier_deviation <= 1e-9 THEN abs(asked.log_total - earlier_mean) END AS out_of_stillness
  FROM asked
  JOIN counted ON counted.ticker = asked.ticker AND counted.market_date = asked.market_date
),
scored AS (
  SELECT *,
    coalesce(abs(zscore) > 6, out_of_stillness > 0.01) AS is_anomaly,
    CASE WHEN abs(zscore) > 6 THEN 'deviations' WHEN out_of_stillness > 0.01 THEN 'stood still' END AS anomaly_reason
  FROM measured
)
