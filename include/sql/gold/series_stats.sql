-- From `observed` (ticker, security, market_date, close, total, scale, day_return, unknown) to `measured`: where each series of
-- the days asked for stands against its own past and its benchmark. `close` is adjusted, `total` has what was paid reinvested,
-- `scale` leads from `close` back to the share count of the day, `day_return` is compared with the benchmark's, and `unknown`
-- counts the market days up to this one whose actions nobody knows: no figure spans one of them.
-- Windows are sessions of the calendar: 21, 63 and 252 of them are 1, 3 and 12 months of an exchange, whatever the market. One
-- is full with a value on its first session and on nine in ten of all; a figure is NULL while it is not.
-- Each window is summed anew: a sliding one keeps residue of what it has left behind.
held AS (
  SELECT observed.*, market_days.session,
    CASE WHEN benchmark.day_return IS NOT NULL THEN observed.day_return END AS own,
    CASE WHEN observed.day_return IS NOT NULL THEN benchmark.day_return END AS theirs,
    -- Of several sessions as high as each other the latest is the highest.
    ROW_NUMBER() OVER (PARTITION BY observed.security ORDER BY observed.total, market_days.session) AS place
  FROM observed
  JOIN market_days ON market_days.market_date = observed.market_date
  LEFT JOIN (SELECT market_date, day_return FROM observed WHERE ticker = {benchmark}) benchmark
    ON benchmark.market_date = observed.market_date
),
asked AS (
  SELECT * FROM held WHERE {days}
),
-- By the shortest key that tells rows apart: it is hashed once for each row of a year.
windows AS (
  SELECT asked.ticker, asked.session,
    max(CASE WHEN held.session = asked.session - 19 THEN held.unknown END) AS since_20,
    max(CASE WHEN held.session = asked.session - 49 THEN held.unknown END) AS since_50,
    max(CASE WHEN held.session = asked.session - 199 THEN held.unknown END) AS since_200,
    max(CASE WHEN held.session = asked.session - 251 THEN held.unknown END) AS since_252,
    count(CASE WHEN held.session > asked.session - 20 THEN held.close END) AS closes_20,
    count(CASE WHEN held.session > asked.session - 50 THEN held.close END) AS closes_50,
    count(CASE WHEN held.session > asked.session - 200 THEN held.close END) AS closes_200,
    count(CASE WHEN held.session > asked.session - 252 THEN held.total END) AS totals_252,
    avg(CASE WHEN held.session > asked.session - 20 THEN held.close END) AS mean_20,
    avg(CASE WHEN held.session > asked.session - 50 THEN held.close END) AS mean_50,
    avg(CASE WHEN held.session > asked.session - 200 THEN held.close END) AS mean_200,
    max(CASE WHEN held.session = asked.session - 21 AND held.unknown = asked.unknown THEN held.total END) AS total_21,
    max(CASE WHEN held.session = asked.session - 63 AND held.unknown = asked.unknown THEN held.total END) AS total_63,
    max(CASE WHEN held.session = asked.session - 252 AND held.unknown = asked.unknown THEN held.total END) AS total_252,
    max(CASE WHEN held.session > asked.session - 252 THEN held.total END) AS high_252,
    max_by(held.session, CASE WHEN held.session > asked.session - 252 THEN held.place END) AS high_at,
    max(CASE WHEN held.session = asked.session - 59 THEN held.own END) AS first_of_60,
    max(CASE WHEN held.session = asked.session - 249 THEN held.own END) AS first_of_250,
    count(CASE WHEN held.session > asked.session - 60 THEN held.own END) AS pairs_60,
    count(CASE WHEN held.session > asked.session - 250 THEN held.own END) AS pairs_250,
    covar_samp(CASE WHEN held.session > asked.session - 60 THEN held.own END, held.theirs) AS covariance_60,
    covar_samp(CASE WHEN held.session > asked.session - 250 THEN held.own END, held.theirs) AS covariance_250,
    stddev_samp(CASE WHEN held.session > asked.session - 60 THEN held.own END) AS own_60,
    stddev_samp(CASE WHEN held.session > asked.session - 250 THEN held.own END) AS own_250,
    stddev_samp(CASE WHEN held.session > asked.session - 60 THEN held.theirs END) AS theirs_60,
    stddev_samp(CASE WHEN held.session > asked.session - 250 THEN held.theirs END) AS theirs_250
  FROM asked
  JOIN held ON held.security = asked.security AND held.session >= asked.session - 252 AND held.session <= asked.session
  GROUP BY asked.ticker, asked.session
),
-- Below 1e-9 a deviation is rounding, not movement: who stands still has no correlation, and nobody a beta to it.
moving AS (
  SELECT windows.*, asked.security, asked.market_date, asked.total, asked.scale, asked.unknown,
    CASE WHEN first_of_60 IS NOT NULL AND pairs_60 >= 54 AND theirs_60 > 1e-9 THEN theirs_60 END AS benchmark_60,
    CASE WHEN first_of_250 IS NOT NULL AND pairs_250 >= 225 AND theirs_250 > 1e-9 THEN theirs_250 END AS benchmark_250,
    CASE WHEN own_60 > 1e-9 THEN own_60 END AS moved_60,
    CASE WHEN own_250 > 1e-9 THEN own_250 END AS moved_250,
    since_252 = asked.unknown AND totals_252 >= 227 AS has_year
  FROM windows
  JOIN asked ON asked.ticker = windows.ticker AND asked.session = windows.session
),
measured AS (
  SELECT ticker, security, market_date,
    CASE WHEN since_20 = unknown AND closes_20 >= 18 THEN mean_20 * scale END AS mean_20d,
    CASE WHEN since_50 = unknown AND closes_50 >= 45 THEN mean_50 * scale END AS mean_50d,
    CASE WHEN since_200 = unknown AND closes_200 >= 180 THEN mean_200 * scale END AS mean_200d,
    total / nullif(total_21, 0) - 1 AS momentum_21d,
    total / nullif(total_63, 0) - 1 AS momentum_63d,
    total / nullif(total_252, 0) - 1 AS momentum_252d,
    CASE WHEN has_year THEN total / nullif(high_252, 0) - 1 END AS drawdown_252d,
    CASE WHEN has_year THEN session - high_at END AS drawdown_sessions_252d,
    covariance_60 / nullif(benchmark_60 * benchmark_60, 0) AS beta_60d,
    covariance_250 / nullif(benchmark_250 * benchmark_250, 0) AS beta_250d,
    covariance_60 / nullif(moved_60 * benchmark_60, 0) AS correlation_60d,
    covariance_250 / nullif(moved_250 * benchmark_250, 0) AS correlation_250d,
    {benchmark} AS benchmark
  FROM moving
)
