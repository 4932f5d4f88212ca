-- What is expected of a day's bars.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT bars.market_date,
    count(*) - count(DISTINCT bars.ticker) AS doubled,
    count_if(least(open, high, low, close) <= 0 OR volume < 0) AS not_positive,
    count_if(high < low) AS crossed,
    count_if(greatest(open, close) > high OR least(open, close) < low) AS outside,
    -- The source rounds vwap to 4 decimals.
    count_if(vwap < low * 0.99 - 0.00005 OR vwap > high * 1.01 + 0.00005) AS vwap_outside,
    count_if(CAST(window_end AS DATE) <> bars.market_date) AS elsewhere,
    count_if(listed.ticker IS NULL) AS unknown
  FROM {silver}.forex_grouped_daily bars
  LEFT JOIN (
    SELECT DISTINCT market_date, ticker FROM {silver}.forex_tickers
    WHERE active AND market_date BETWEEN :market_date_from AND :market_date_to
  ) listed ON listed.market_date = bars.market_date AND listed.ticker = bars.ticker
  WHERE bars.market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY bars.market_date
)
SELECT loaded.market_date, stack(11,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than pairs'),
  'prices_positive', 'critical', CAST(coalesce(measured.not_positive, 0) AS DOUBLE), '= 0',
    coalesce(measured.not_positive, 0) = 0, concat(coalesce(measured.not_positive, 0), ' rows with a price of 0 or less, or a negative count of quotes'),
  'high_not_below_low', 'critical', CAST(coalesce(measured.crossed, 0) AS DOUBLE), '= 0',
    coalesce(measured.crossed, 0) = 0, concat(coalesce(measured.crossed, 0), ' rows with high below low'),
  'open_close_within', 'warn', CAST(coalesce(measured.outside, 0) AS DOUBLE), '= 0',
    coalesce(measured.outside, 0) = 0, concat(coalesce(measured.outside, 0), ' rows with open or close outside low to high'),
  'vwap_within', 'warn', CAST(coalesce(measured.vwap_outside, 0) AS DOUBLE), '= 0',
    coalesce(measured.vwap_outside, 0) = 0, concat(coalesce(measured.vwap_outside, 0), ' rows with vwap more than 1 % outside low to high'),
  'of_the_day', 'critical', CAST(coalesce(measured.elsewhere / nullif(loaded.silver_rows, 0), 0) AS DOUBLE), '<= 0.5',
    coalesce(measured.elsewhere, 0) <= 0.5 * loaded.silver_rows,
    concat(coalesce(measured.elsewhere, 0), ' of ', loaded.silver_rows, ' bars have a time of another day of UTC than the market day'),
  'each_of_the_day', 'warn', CAST(coalesce(measured.elsewhere, 0) AS DOUBLE), '= 0',
    coalesce(measured.elsewhere, 0) = 0, concat(coalesce(measured.elsewhere, 0), ' bars have a time of another day of UTC than the market day'),
  'tickers_known', 'warn', CAST(coalesce(measured.unknown, 0) AS DOUBLE), '= 0',
    coalesce(measured.unknown, 0) = 0, concat(coalesce(measured.unknown, 0), ' pairs with bars that the reference data of the day does not list'),
  'row_count', 'critical', CAST(loaded.silver_rows AS DOUBLE), '0.7 to 1.5 times (Sundays from 0.2 times) the median of the last 20 loaded days, or within 5 rows of it',
    coalesce((loaded.silver_rows >= (CASE WHEN dayofweek(loaded.market_date) = 1 THEN 0.2 ELSE 0.7 END) * loaded.recent_rows
        AND loaded.silver_rows <= 1.5 * loaded.recent_rows)
      OR abs(loaded.silver_rows - loaded.recent_rows) <= 5, true),
    concat(loaded.silver_rows, ' rows, recent days have ', coalesce(CAST(loaded.recent_rows AS STRING), 'none')),
  'quarantine_share', 'critical', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.05',
    loaded.quarantined <= 0.05 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine'),
  'after_close', 'critical', (unix_timestamp(loaded.asof) - unix_timestamp(loaded.closed_at)) / CAST(3600 AS DOUBLE), '>= 0 hours',
    loaded.asof >= loaded.closed_at,
    concat('the API answered ', unix_timestamp(loaded.asof) - unix_timestamp(loaded.closed_at), ' seconds after the close; an answer before it is not final')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date;
