-- What is expected of the list of exchanges.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT exchange_id) AS doubled,
    count_if(mic IS NULL AND participant_id IS NULL) AS unnamed
  FROM {silver}.stocks_exchanges
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
)
SELECT loaded.market_date, stack(4,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than exchanges'),
  'codes_given', 'warn', CAST(coalesce(measured.unnamed, 0) AS DOUBLE), '= 0',
    coalesce(measured.unnamed, 0) = 0,
    concat(coalesce(measured.unnamed, 0), ' exchanges with neither an ISO code nor a letter on the tape'),
  'row_count', 'warn', CAST(loaded.silver_rows AS DOUBLE), '0.7 to 1.5 times the median of the last 20 loaded days, or within 5 rows of it',
    coalesce(loaded.silver_rows BETWEEN 0.7 * loaded.recent_rows AND 1.5 * loaded.recent_rows
      OR abs(loaded.silver_rows - loaded.recent_rows) <= 5, true),
    concat(loaded.silver_rows, ' rows, recent days have ', coalesce(CAST(loaded.recent_rows AS STRING), 'none')),
  'quarantine_share', 'warn', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '= 0',
    loaded.quarantined <= 0 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date;
