-- From `variances` (ticker, security, market_date, is_liquid, day_return, clipped_variance), a row a security and day, and
-- `answers` (market_date, asof) to `described`: what a model of the next day's variance may know of the days asked for.
-- Each window is summed anew: a sliding one keeps residue of what it has left behind.
held AS (
  SELECT variances.*, market_days.session
  FROM variances
  JOIN market_days ON market_days.market_date = variances.market_date
),
asked AS (
  SELECT * FROM held WHERE {days}
),
windows AS (
  SELECT asked.ticker, asked.session,
    count(CASE WHEN held.session > asked.session - 5 THEN held.clipped_variance END) AS days_5,
    count(CASE WHEN held.session > asked.session - 22 THEN held.clipped_variance END) AS days_22,
    count(held.clipped_variance) AS days_252,
    avg(CASE WHEN held.session > asked.session - 5 THEN held.clipped_variance END) AS mean_5,
    avg(CASE WHEN held.session > asked.session - 22 THEN held.clipped_variance END) AS mean_22,
    avg(held.clipped_variance) AS mean_252,
    sum(held.clipped_variance * pow(0.94, asked.session - held.session)) AS weighted,
    sum(CASE WHEN held.clipped_variance IS NOT NULL THEN pow(0.94, asked.session - held.session) END) AS weights,
    count(CASE WHEN held.session > asked.session - 20 THEN held.day_return END) AS returns_20,
    avg(CASE WHEN held.session > asked.session - 20 THEN held.day_return * held.day_return END) AS squares_20
  FROM asked
  JOIN held ON held.security = asked.security AND held.session > asked.session - 252 AND held.session <= asked.session
  GROUP BY asked.ticker, asked.session
),
-- The newest answer among all those of a year, and whether it came when the next session had begun.
known AS (
  SELECT market_days.market_date, max(answers.asof) AS known_at, max(answers.asof) >= max(market_days.next_opens_at) AS is_late
  FROM market_days
  JOIN market_days held ON held.session > market_days.session - 252 AND held.session <= market_days.session
  JOIN answers ON answers.market_date = held.market_date
  WHERE market_days.market_date BETWEEN {first} AND {last}
  GROUP BY market_days.market_date
),
described AS (
  SELECT asked.ticker, asked.security, asked.market_date, asked.is_liquid, asked.day_return AS return_1d,
    asked.clipped_variance AS variance_1d,
    CASE WHEN days_5 >= 4 THEN mean_5 END AS variance_5d,
    CASE WHEN days_22 >= 18 THEN mean_22 END AS variance_22d,
    CASE WHEN days_252 >= 22 THEN mean_252 END AS variance_252d,
    CASE WHEN days_22 >= 18 THEN weighted / weights END AS variance_ewma,
    CASE WHEN returns_20 >= 10 THEN squares_20 END AS squared_return_20d,
    days_252 AS days_with_variance,
    known.known_at, known.is_late
  FROM windows
  JOIN asked ON asked.ticker = windows.ticker AND asked.session = windows.session
  JOIN known ON known.market_date = asked.market_date
)
