-- From `variances` (ticker, security, market_date, is_liquid, day_return, clipped_variance), a row a security and day, and
-- `answers` (market_date, asof) to `described`: what a model of the next day's variance may know of the days asked for.
-- A window is a running sum of what enters it and what leaves it, so it costs a year as much as a week. Decimals, or it
-- would keep residue of what has left; what leaves the mean weighed by age weighs too little to leave any.
held AS (
  SELECT variances.*, market_days.session
  FROM variances
  JOIN market_days ON market_days.market_date = variances.market_date
),
asked AS (
  SELECT * FROM held WHERE {days}
),
terms AS (
  SELECT held.security, held.session, ends.first_session, ends.last_session,
    CAST(held.clipped_variance AS DECIMAL(34, 24)) AS variance,
    CASE WHEN held.clipped_variance IS NOT NULL THEN pow(0.94, ends.last_session - held.session) END AS weight,
    held.clipped_variance * pow(0.94, ends.last_session - held.session) AS weighted,
    CASE WHEN held.clipped_variance IS NOT NULL THEN 1 ELSE 0 END AS days,
    CAST(held.day_return * held.day_return AS DECIMAL(34, 24)) AS square,
    CASE WHEN held.day_return IS NOT NULL THEN 1 ELSE 0 END AS returns
  FROM held
  CROSS JOIN (SELECT min(session) AS first_session, max(session) AS last_session FROM market_days WHERE {days}) ends
),
-- A day enters all windows on itself, and leaves each on another one; what was before the first day asked for is on that day.
changes AS (
  SELECT terms.security, greatest(terms.session + ages.age, terms.first_session) AS session,
    sum(CASE ages.age WHEN 0 THEN terms.variance WHEN 5 THEN -terms.variance END) AS variance_5,
    sum(CASE ages.age WHEN 0 THEN terms.days WHEN 5 THEN -terms.days END) AS days_5,
    sum(CASE ages.age WHEN 0 THEN terms.variance WHEN 22 THEN -terms.variance END) AS variance_22,
    sum(CASE ages.age WHEN 0 THEN terms.days WHEN 22 THEN -terms.days END) AS days_22,
    sum(CASE ages.age WHEN 0 THEN terms.variance WHEN 252 THEN -terms.variance END) AS variance_252,
    sum(CASE ages.age WHEN 0 THEN terms.days WHEN 252 THEN -terms.days END) AS days_252,
    sum(CASE ages.age WHEN 0 THEN terms.weighted WHEN 252 THEN -terms.weighted END) AS weighted,
    sum(CASE ages.age WHEN 0 THEN terms.weight WHEN 252 THEN -terms.weight END) AS weight,
    sum(CASE ages.age WHEN 0 THEN terms.square WHEN 20 THEN -terms.square END) AS square_20,
    sum(CASE ages.age WHEN 0 THEN terms.returns WHEN 20 THEN -terms.returns END) AS returns_20
  FROM terms
  CROSS JOIN (VALUES (0), (5), (20), (22), (252)) AS ages (age)
  WHERE terms.session + ages.age <= terms.last_session
  GROUP BY terms.security, greatest(terms.session + ages.age, terms.first_session)
),
windows AS (
  SELECT security, session,
    CAST(sum(variance_5) OVER so_far AS DOUBLE) AS sum_5, sum(days_5) OVER so_far AS days_5,
    CAST(sum(variance_22) OVER so_far AS DOUBLE) AS sum_22, sum(days_22) OVER so_far AS days_22,
    CAST(sum(variance_252) OVER so_far AS DOUBLE) AS sum_252, sum(days_252) OVER so_far AS days_252,
    sum(weighted) OVER so_far AS weighted, sum(weight) OVER so_far AS weights,
    CAST(sum(square_20) OVER so_far AS DOUBLE) AS squares_20, sum(returns_20) OVER so_far AS returns_20
  FROM changes
  WINDOW so_far AS (PARTITION BY security ORDER BY session ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
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
    CASE WHEN days_5 >= 4 THEN sum_5 / days_5 END AS variance_5d,
    CASE WHEN days_22 >= 18 THEN sum_22 / days_22 END AS variance_22d,
    CASE WHEN days_252 >= 22 THEN sum_252 / days_252 END AS variance_252d,
    CASE WHEN days_22 >= 18 THEN weighted / weights END AS variance_ewma,
    CASE WHEN returns_20 >= 10 THEN squares_20 / returns_20 END AS squared_return_20d,
    days_252 AS days_with_variance,
    known.known_at, known.is_late
  FROM asked
  JOIN windows ON windows.security = asked.security AND windows.session = asked.session
  JOIN known ON known.market_date = asked.market_date
)
