-- What is expected of the snapshots of a day.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT struct(ticker, asof)) AS doubled,
    count_if(least(open, high, low, close, volume, previous_close) < 0) AS negative,
    count_if(high < low) AS crossed,
    count_if(unix_timestamp(updated_at) > unix_timestamp(asof) + 60) AS ahead
  FROM {silver}.stocks_snapshot
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
),
-- Rows of the smallest taking of a day, against its largest.
takings AS (
  SELECT market_date, count(*) AS takings, min(tickers) AS fewest, max(tickers) AS most
  FROM (
    SELECT market_date, asof, count(*) AS tickers FROM {silver}.stocks_snapshot
    WHERE market_date BETWEEN :market_date_from AND :market_date_to
    GROUP BY market_date, asof
  )
  GROUP BY market_date
)
SELECT loaded.market_date, stack(6,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than tickers and takings'),
  'not_negative', 'critical', CAST(coalesce(measured.negative, 0) AS DOUBLE), '= 0',
    coalesce(measured.negative, 0) = 0, concat(coalesce(measured.negative, 0), ' rows with a price or volume below 0'),
  'high_not_below_low', 'critical', CAST(coalesce(measured.crossed, 0) AS DOUBLE), '= 0',
    coalesce(measured.crossed, 0) = 0, concat(coalesce(measured.crossed, 0), ' rows with high below low'),
  'not_from_the_future', 'warn', CAST(coalesce(measured.ahead, 0) AS DOUBLE), '= 0',
    coalesce(measured.ahead, 0) = 0,
    concat(coalesce(measured.ahead, 0), ' rows updated more than a minute after they were taken'),
  'takings_alike', 'warn', CAST(coalesce(takings.fewest / takings.most, 1) AS DOUBLE), '>= 0.7',
    coalesce(takings.fewest >= 0.7 * takings.most, true),
    concat(coalesce(takings.takings, 0), ' takings with ', coalesce(takings.fewest, 0), ' to ', coalesce(takings.most, 0), ' rows'),
  'quarantine_share', 'critical', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.05',
    loaded.quarantined <= 0.05 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date
LEFT JOIN takings ON takings.market_date = loaded.market_date;
