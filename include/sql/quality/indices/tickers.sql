-- What is expected of a day's reference data.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT ticker) AS doubled,
    count_if(active) AS listed
  FROM {silver}.indices_tickers
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
)
SELECT loaded.market_date, stack(4,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than indices'),
  'some_listed', 'critical', CAST(coalesce(measured.listed, 0) AS DOUBLE), '> 0',
    coalesce(measured.listed, 0) > 0, concat(coalesce(measured.listed, 0), ' indices are listed on the day'),
  'row_count', 'critical', CAST(loaded.silver_rows AS DOUBLE), '0.5 to 2.0 times the median of the last 20 loaded days, or within 5 rows of it',
    coalesce((loaded.silver_rows >= 0.5 * loaded.recent_rows AND loaded.silver_rows <= 2.0 * loaded.recent_rows)
      OR abs(loaded.silver_rows - loaded.recent_rows) <= 5, true),
    concat(loaded.silver_rows, ' rows, recent days have ', coalesce(CAST(loaded.recent_rows AS STRING), 'none')),
  'quarantine_share', 'critical', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.05',
    loaded.quarantined <= 0.05 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date;
