-- What is expected of a day's bars.
-- `loaded`: the days to check, with their counts; `asked`: the indices asked for; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT bars.market_date,
    count(*) - count(DISTINCT bars.ticker) AS doubled,
    count_if(least(open, high, low, close) <= 0) AS not_positive,
    count_if(high < low) AS crossed,
    count_if(greatest(open, close) > high OR least(open, close) < low) AS outside,
    count_if(CAST(from_utc_timestamp(window_start, 'America/New_York') AS DATE) <> bars.market_date) AS elsewhere,
    count_if(listed.ticker IS NULL) AS unknown
  FROM {silver}.indices_daily_bars bars
  LEFT JOIN (
    SELECT DISTINCT market_date, ticker FROM {silver}.indices_tickers
    WHERE market_date BETWEEN :market_date_from AND :market_date_to
  ) listed ON listed.market_date = bars.market_date AND listed.ticker = bars.ticker
  WHERE bars.market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY bars.market_date
),
without AS (
  SELECT wanted.market_date, count(*) AS missing, array_sort(collect_list(wanted.value)) AS names
  FROM (SELECT loaded.market_date, asked.value FROM loaded CROSS JOIN asked) wanted
  LEFT JOIN (
    SELECT DISTINCT market_date, ticker FROM {silver}.indices_daily_bars
    WHERE market_date BETWEEN :market_date_from AND :market_date_to
  ) held ON held.market_date = wanted.market_date AND held.ticker = wanted.value
  WHERE held.ticker IS NULL
  GROUP BY wanted.market_date
)
SELECT loaded.market_date, stack(10,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than indices'),
  'values_positive', 'critical', CAST(coalesce(measured.not_positive, 0) AS DOUBLE), '= 0',
    coalesce(measured.not_positive, 0) = 0, concat(coalesce(measured.not_positive, 0), ' rows with a value of 0 or less'),
  'high_not_below_low', 'critical', CAST(coalesce(measured.crossed, 0) AS DOUBLE), '= 0',
    coalesce(measured.crossed, 0) = 0, concat(coalesce(measured.crossed, 0), ' rows with high below low'),
  'open_close_within', 'warn', CAST(coalesce(measured.outside, 0) AS DOUBLE), '= 0',
    coalesce(measured.outside, 0) = 0, concat(coalesce(measured.outside, 0), ' rows with open or close outside low to high'),
  'of_the_day', 'critical', CAST(coalesce(measured.elsewhere, 0) AS DOUBLE), '= 0',
    coalesce(measured.elsewhere, 0) = 0, concat(coalesce(measured.elsewhere, 0), ' rows with a bar of another day'),
  'indices_answered', 'warn', CAST(coalesce(without.missing, 0) AS DOUBLE), '= 0',
    coalesce(without.missing, 0) = 0,
    concat(coalesce(without.missing, 0), ' indices of the list have no rows: ',
      coalesce(array_join(slice(without.names, 1, 10), ', '), 'none')),
  'tickers_known', 'warn', CAST(coalesce(measured.unknown, 0) AS DOUBLE), '= 0',
    coalesce(measured.unknown, 0) = 0, concat(coalesce(measured.unknown, 0), ' indices with bars that the reference data of the day does not list'),
  'row_count', 'critical', CAST(loaded.silver_rows AS DOUBLE), 'at least 0.3 times the median of the last 20 loaded days, or within 5 rows of it',
    coalesce((loaded.silver_rows >= 0.3 * loaded.recent_rows)
      OR abs(loaded.silver_rows - loaded.recent_rows) <= 5, true),
    concat(loaded.silver_rows, ' rows, recent days have ', coalesce(CAST(loaded.recent_rows AS STRING), 'none')),
  'quarantine_share', 'critical', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.05',
    loaded.quarantined <= 0.05 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine'),
  'after_close', 'critical', (unix_timestamp(loaded.asof) - unix_timestamp(loaded.closed_at)) / CAST(3600 AS DOUBLE), '>= 0 hours',
    loaded.asof >= loaded.closed_at,
    concat('the API answered ', unix_timestamp(loaded.asof) - unix_timestamp(loaded.closed_at), ' seconds after the close; an answer before it is not final')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded
LEFT JOIN measured ON measured.market_date = loaded.market_date
LEFT JOIN without ON without.market_date = loaded.market_date;
