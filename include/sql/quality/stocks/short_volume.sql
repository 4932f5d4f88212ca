-- What is expected of a day's short sales.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT ticker) AS doubled,
    count_if(least(short_volume, total_volume, coalesce(exempt_volume, 0)) < 0) AS negative,
    count_if(trade_date <> market_date) AS elsewhere,
    count_if(short_volume > total_volume) AS above,
    count_if(abs(short_volume_percent - 100 * short_volume / nullif(total_volume, 0)) > 0.1) AS uneven
  FROM {silver}.stocks_short_volume
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
)
SELECT loaded.market_date, stack(7,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than tickers'),
  'not_negative', 'critical', CAST(coalesce(measured.negative, 0) AS DOUBLE), '= 0',
    coalesce(measured.negative, 0) = 0, concat(coalesce(measured.negative, 0), ' rows with fewer than 0 shares'),
  'traded_on_the_day', 'critical', CAST(coalesce(measured.elsewhere, 0) AS DOUBLE), '= 0',
    coalesce(measured.elsewhere, 0) = 0,
    concat(coalesce(measured.elsewhere, 0), ' rows of another day than the market day'),
  'within_total', 'warn', CAST(coalesce(measured.above, 0) AS DOUBLE), '= 0',
    coalesce(measured.above, 0) = 0, concat(coalesce(measured.above, 0), ' rows with more shares sold short than traded'),
  'percent_fits', 'warn', CAST(coalesce(measured.uneven, 0) AS DOUBLE), '= 0',
    coalesce(measured.uneven, 0) = 0,
    concat(coalesce(measured.uneven, 0), ' rows whose percentage is not short volume / total volume, by more than 0.1'),
  'row_count', 'warn', CAST(loaded.silver_rows AS DOUBLE), '0.5 to 2.0 times the median of the last 20 loaded days, or within 5 rows of it',
    coalesce(loaded.silver_rows BETWEEN 0.5 * loaded.recent_rows AND 2.0 * loaded.recent_rows
      OR abs(loaded.silver_rows - loaded.recent_rows) <= 5, true),
    concat(loaded.silver_rows, ' rows, recent days have ', coalesce(CAST(loaded.recent_rows AS STRING), 'none')),
  'quarantine_share', 'critical', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.05',
    loaded.quarantined <= 0.05 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date;
