-- What is expected of a day's minute bars.
-- `loaded`: the days to check, with their counts; `asked`: the pairs asked for; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT ticker, bar_start) AS doubled,
    count_if(least(open, high, low, close) <= 0 OR volume < 0) AS not_positive,
    count_if(high < low) AS crossed,
    count_if(greatest(open, close) > high OR least(open, close) < low) AS outside,
    count_if(CAST(bar_start AS DATE) <> market_date) AS elsewhere
  FROM {silver}.forex_minute_bars
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
),
without AS (
  SELECT wanted.market_date, count(*) AS missing, array_sort(collect_list(wanted.value)) AS names
  FROM (SELECT loaded.market_date, asked.value FROM loaded CROSS JOIN asked) wanted
  LEFT JOIN (
    SELECT DISTINCT market_date, ticker FROM {silver}.forex_minute_bars
    WHERE market_date BETWEEN :market_date_from AND :market_date_to
  ) held ON held.market_date = wanted.market_date AND held.ticker = wanted.value
  WHERE held.ticker IS NULL
  GROUP BY wanted.market_date
)
SELECT loaded.market_date, stack(9,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than pairs and minutes'),
  'prices_positive', 'critical', CAST(coalesce(measured.not_positive, 0) AS DOUBLE), '= 0',
    coalesce(measured.not_positive, 0) = 0, concat(coalesce(measured.not_positive, 0), ' rows with a price of 0 or less, or a negative count of quotes'),
  'high_not_below_low', 'critical', CAST(coalesce(measured.crossed, 0) AS DOUBLE), '= 0',
    coalesce(measured.crossed, 0) = 0, concat(coalesce(measured.crossed, 0), ' rows with high below low'),
  'open_close_within', 'warn', CAST(coalesce(measured.outside, 0) AS DOUBLE), '= 0',
    coalesce(measured.outside, 0) = 0, concat(coalesce(measured.outside, 0), ' rows with open or close outside low to high'),
  'within_the_day', 'critical', CAST(coalesce(measured.elsewhere, 0) AS DOUBLE), '= 0',
    coalesce(measured.elsewhere, 0) = 0, concat(coalesce(measured.elsewhere, 0), ' rows with a minute of another day'),
  'pairs_answered', 'warn', CAST(coalesce(without.missing, 0) AS DOUBLE), '= 0',
    coalesce(without.missing, 0) = 0,
    concat(coalesce(without.missing, 0), ' pairs of the list have no rows: ',
      coalesce(array_join(slice(without.names, 1, 10), ', '), 'none')),
  'row_count', 'critical', CAST(loaded.silver_rows AS DOUBLE), 'at least 0.3 times (Sundays at least 0.03 times) the median of the last 20 loaded days, or within 5 rows of it',
    coalesce((loaded.silver_rows >= (CASE WHEN dayofweek(loaded.market_date) = 1 THEN 0.03 ELSE 0.3 END) * loaded.recent_rows)
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
