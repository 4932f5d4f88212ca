-- What is expected of a day's minute bars.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT struct(ticker, window_start)) AS doubled,
    count_if(least(open, high, low, close) <= 0 OR volume < 0) AS not_positive,
    count_if(high < low) AS crossed,
    count_if(greatest(open, close) > high OR least(open, close) < low) AS outside,
    count_if(vwap < low * 0.99 OR vwap > high * 1.01) AS vwap_outside,
    count_if(CAST(from_utc_timestamp(window_start, 'America/New_York') AS DATE) <> market_date) AS elsewhere,
    count_if(unix_timestamp(window_start) % 60 <> 0) AS between_minutes
  FROM {silver}.stocks_minute_bars
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
),
-- Tickers that were asked for and have no bar.
silent AS (
  SELECT days.market_date, count(*) AS tickers, concat_ws(', ', slice(array_sort(collect_list(asked.value)), 1, 10)) AS some
  FROM (SELECT market_date FROM loaded) days
  CROSS JOIN asked
  LEFT ANTI JOIN (
    SELECT DISTINCT market_date, ticker FROM {silver}.stocks_minute_bars
    WHERE market_date BETWEEN :market_date_from AND :market_date_to
  ) held ON held.market_date = days.market_date AND held.ticker = asked.value
  GROUP BY days.market_date
)
SELECT loaded.market_date, stack(11,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than tickers and minutes'),
  'prices_positive', 'critical', CAST(coalesce(measured.not_positive, 0) AS DOUBLE), '= 0',
    coalesce(measured.not_positive, 0) = 0,
    concat(coalesce(measured.not_positive, 0), ' bars with a price of 0 or less, or a negative volume'),
  'high_not_below_low', 'critical', CAST(coalesce(measured.crossed, 0) AS DOUBLE), '= 0',
    coalesce(measured.crossed, 0) = 0, concat(coalesce(measured.crossed, 0), ' bars with high below low'),
  'open_close_within', 'warn', CAST(coalesce(measured.outside, 0) AS DOUBLE), '= 0',
    coalesce(measured.outside, 0) = 0,
    concat(coalesce(measured.outside, 0), ' bars with open or close outside low to high'),
  'vwap_within', 'warn', CAST(coalesce(measured.vwap_outside, 0) AS DOUBLE), '= 0',
    coalesce(measured.vwap_outside, 0) = 0,
    concat(coalesce(measured.vwap_outside, 0), ' bars with vwap more than 1 % outside low to high'),
  'on_the_day', 'critical', CAST(coalesce(measured.elsewhere, 0) AS DOUBLE), '= 0',
    coalesce(measured.elsewhere, 0) = 0, concat(coalesce(measured.elsewhere, 0), ' bars of another day in New York'),
  'whole_minutes', 'critical', CAST(coalesce(measured.between_minutes, 0) AS DOUBLE), '= 0',
    coalesce(measured.between_minutes, 0) = 0,
    concat(coalesce(measured.between_minutes, 0), ' bars that do not begin with a minute'),
  'tickers_have_bars', 'warn', CAST(coalesce(silent.tickers, 0) AS DOUBLE), '= 0',
    coalesce(silent.tickers, 0) = 0,
    concat(coalesce(silent.tickers, 0), ' of the tickers asked for have no bar', coalesce(concat(': ', silent.some), '')),
  'row_count', 'critical', CAST(loaded.silver_rows AS DOUBLE), '0.3 to 3.0 times the median of the last 20 loaded days, or within 5 rows of it',
    coalesce(loaded.silver_rows BETWEEN 0.3 * loaded.recent_rows AND 3.0 * loaded.recent_rows
      OR abs(loaded.silver_rows - loaded.recent_rows) <= 5, true),
    concat(loaded.silver_rows, ' rows, recent days have ', coalesce(CAST(loaded.recent_rows AS STRING), 'none')),
  'quarantine_share', 'critical', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.05',
    loaded.quarantined <= 0.05 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine'),
  'after_close', 'critical', (unix_timestamp(loaded.asof) - unix_timestamp(loaded.closed_at)) / CAST(3600 AS DOUBLE), '>= 0 hours',
    loaded.asof >= loaded.closed_at,
    concat('the API answered ', unix_timestamp(loaded.asof) - unix_timestamp(loaded.closed_at), ' seconds after the close; an answer before it is not final')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date
LEFT JOIN silent ON silent.market_date = loaded.market_date;
