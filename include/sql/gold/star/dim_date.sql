-- One row a calendar day, with the sessions of every market calendar. From the view `sessions`.
-- Key: date (elsewhere market_date)
-- NULL: opens and closes of a day without a session
CREATE TABLE IF NOT EXISTS {gold}.dim_date (
  date DATE NOT NULL COMMENT 'Calendar day',
  year INT COMMENT 'Calendar year',
  quarter INT COMMENT 'Quarter of the year, 1 to 4',
  month INT COMMENT 'Month of the year, 1 to 12',
  month_name STRING COMMENT 'English name of the month',
  day_of_month INT COMMENT 'Day of the month, 1 to 31',
  day_of_week INT COMMENT 'ISO day of the week, 1 is Monday, 7 is Sunday',
  day_name STRING COMMENT 'English name of the day of the week',
  iso_week INT COMMENT 'ISO 8601 week of the year',
  is_month_end BOOLEAN COMMENT 'True on the last calendar day of a month',
  is_us_session BOOLEAN COMMENT 'True when US stocks, options and indices trade (New York Stock Exchange)',
  us_opens_at TIMESTAMP COMMENT 'Open of the US session, UTC',
  us_closes_at TIMESTAMP COMMENT 'Close of the US session, UTC, early closes included',
  is_us_early_close BOOLEAN COMMENT 'True when the US session is shorter than 6.5 hours',
  is_forex_session BOOLEAN COMMENT 'True from Sunday to Friday',
  forex_opens_at TIMESTAMP COMMENT 'Begin of the forex day, UTC; 17:00 New York on Sundays',
  forex_closes_at TIMESTAMP COMMENT 'End of the forex day, UTC; 17:00 New York on Fridays',
  is_crypto_session BOOLEAN COMMENT 'True on every day: crypto trades around the clock, UTC'
) USING delta
COMMENT 'All asset classes: calendar days from 2003 to the end of next year, with market sessions';

SELECT
  days.market_date AS date,
  year(days.market_date) AS year,
  quarter(days.market_date) AS quarter,
  month(days.market_date) AS month,
  date_format(days.market_date, 'MMMM') AS month_name,
  day(days.market_date) AS day_of_month,
  (dayofweek(days.market_date) + 5) % 7 + 1 AS day_of_week,
  date_format(days.market_date, 'EEEE') AS day_name,
  weekofyear(days.market_date) AS iso_week,
  last_day(days.market_date) = days.market_date AS is_month_end,
  us.market_date IS NOT NULL AS is_us_session,
  us.opens_at AS us_opens_at,
  us.closes_at AS us_closes_at,
  coalesce(unix_timestamp(us.closes_at) - unix_timestamp(us.opens_at) < 23400, false) AS is_us_early_close,
  forex.market_date IS NOT NULL AS is_forex_session,
  forex.opens_at AS forex_opens_at,
  forex.closes_at AS forex_closes_at,
  true AS is_crypto_session
FROM (SELECT market_date FROM sessions WHERE calendar = '24/7') days
LEFT JOIN (SELECT * FROM sessions WHERE calendar = 'XNYS') us ON us.market_date = days.market_date
LEFT JOIN (SELECT * FROM sessions WHERE calendar = 'forex') forex ON forex.market_date = days.market_date;
