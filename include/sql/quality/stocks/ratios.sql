-- What is expected of a day's ratios.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT ticker) AS doubled,
    count_if(price <= 0 OR market_cap < 0) AS not_positive,
    count_if(datediff(market_date, price_date) NOT BETWEEN 0 AND 7) AS stale
  FROM {silver}.stocks_ratios
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
)
SELECT loaded.market_date, stack(5,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than tickers'),
  'price_positive', 'warn', CAST(coalesce(measured.not_positive, 0) AS DOUBLE), '= 0',
    coalesce(measured.not_positive, 0) = 0,
    concat(coalesce(measured.not_positive, 0), ' rows with a price of 0 or less, or a negative market value'),
  'fresh', 'warn', CAST(coalesce(measured.stale, 0) AS DOUBLE), '= 0',
    coalesce(measured.stale, 0) = 0,
    concat(coalesce(measured.stale, 0), ' rows that stand on a close of more than a week before the market day'),
  'row_count', 'warn', CAST(loaded.silver_rows AS DOUBLE), '0.7 to 1.5 times the median of the last 20 loaded days, or within 5 rows of it',
    coalesce(loaded.silver_rows BETWEEN 0.7 * loaded.recent_rows AND 1.5 * loaded.recent_rows
      OR abs(loaded.silver_rows - loaded.recent_rows) <= 5, true),
    concat(loaded.silver_rows, ' rows, recent days have ', coalesce(CAST(loaded.recent_rows AS STRING), 'none')),
  'quarantine_share', 'critical', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.05',
    loaded.quarantined <= 0.05 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date;
