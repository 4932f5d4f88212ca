-- What is expected of the holidays to come.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT struct(exchange, holiday)) AS doubled,
    count_if(holiday < market_date) AS past,
    count_if(status NOT IN ('closed', 'early-close')) AS odd,
    count_if(status = 'early-close' AND (closes_at IS NULL OR closes_at <= opens_at)) AS timeless
  FROM {silver}.stocks_market_holidays
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
)
SELECT loaded.market_date, stack(5,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than exchanges and days'),
  'to_come', 'warn', CAST(coalesce(measured.past, 0) AS DOUBLE), '= 0',
    coalesce(measured.past, 0) = 0, concat(coalesce(measured.past, 0), ' holidays before the market day'),
  'status_known', 'warn', CAST(coalesce(measured.odd, 0) AS DOUBLE), '= 0',
    coalesce(measured.odd, 0) = 0, concat(coalesce(measured.odd, 0), ' rows that are neither closed nor early-close'),
  'early_closes_timed', 'warn', CAST(coalesce(measured.timeless, 0) AS DOUBLE), '= 0',
    coalesce(measured.timeless, 0) = 0,
    concat(coalesce(measured.timeless, 0), ' early closes without a time of closing after the opening'),
  'quarantine_share', 'warn', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '= 0',
    loaded.quarantined <= 0 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date;
