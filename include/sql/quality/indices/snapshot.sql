-- What is expected of the values taken on a day.
-- `loaded`: the days to check, with their counts; `asked`: the indices asked for; a row of `measured` a day that has rows.
-- A ticker that the source refuses is in quarantine, with what the source says about it.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT ticker, asof) AS doubled,
    count_if(value <= 0) AS not_positive,
    count_if(high < low OR value > high OR value < low) AS outside,
    count_if(market_status = 'open' AND updated_at < asof - INTERVAL 30 MINUTES) AS stale
  FROM {silver}.indices_snapshot
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
),
without AS (
  SELECT wanted.market_date, count(*) AS missing, array_sort(collect_list(wanted.value)) AS names
  FROM (SELECT loaded.market_date, asked.value FROM loaded CROSS JOIN asked) wanted
  LEFT JOIN (
    SELECT DISTINCT market_date, ticker FROM {silver}.indices_snapshot
    WHERE market_date BETWEEN :market_date_from AND :market_date_to
  ) held ON held.market_date = wanted.market_date AND held.ticker = wanted.value
  WHERE held.ticker IS NULL
  GROUP BY wanted.market_date
),
refused AS (
  SELECT market_date, count(*) AS tickers, array_sort(collect_list(concat(ticker, ' (', error, ')'))) AS names
  FROM (
    SELECT DISTINCT market_date, get_json_object(row, '$.ticker') AS ticker, get_json_object(row, '$.error') AS error
    FROM {quality}.quarantine
    WHERE asset_class = 'indices' AND dataset = 'snapshot'
      AND market_date BETWEEN :market_date_from AND :market_date_to
  )
  WHERE error IS NOT NULL
  GROUP BY market_date
)
SELECT loaded.market_date, stack(8,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than indices and takings'),
  'values_positive', 'critical', CAST(coalesce(measured.not_positive, 0) AS DOUBLE), '= 0',
    coalesce(measured.not_positive, 0) = 0, concat(coalesce(measured.not_positive, 0), ' rows with a value of 0 or less'),
  'value_within', 'warn', CAST(coalesce(measured.outside, 0) AS DOUBLE), '= 0',
    coalesce(measured.outside, 0) = 0, concat(coalesce(measured.outside, 0), ' rows with high below low or the value outside of them'),
  'fresh', 'warn', CAST(coalesce(measured.stale, 0) AS DOUBLE), '= 0',
    coalesce(measured.stale, 0) = 0, concat(coalesce(measured.stale, 0), ' values of open markets that were more than 30 minutes old when they were taken'),
  'some_answered', 'critical', CAST(loaded.silver_rows AS DOUBLE), '> 0',
    loaded.silver_rows > 0, concat(loaded.silver_rows, ' values were taken'),
  'indices_answered', 'warn', CAST(coalesce(without.missing, 0) AS DOUBLE), '= 0',
    coalesce(without.missing, 0) = 0,
    concat(coalesce(without.missing, 0), ' indices of the list have no rows: ',
      coalesce(array_join(slice(without.names, 1, 10), ', '), 'none')),
  'none_refused', 'warn', CAST(coalesce(refused.tickers, 0) AS DOUBLE), '= 0',
    coalesce(refused.tickers, 0) = 0,
    concat(coalesce(refused.tickers, 0), ' indices were refused by the source: ',
      coalesce(array_join(slice(refused.names, 1, 10), ', '), 'none')),
  'quarantine_share', 'warn', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '= 0',
    loaded.quarantined = 0,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded
LEFT JOIN measured ON measured.market_date = loaded.market_date
LEFT JOIN without ON without.market_date = loaded.market_date
LEFT JOIN refused ON refused.market_date = loaded.market_date;
