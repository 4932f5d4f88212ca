-- What is expected of the list of conditions.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT struct(condition_id, type, exchange_id)) AS doubled,
    count_if(type = 'sale_condition' AND NOT coalesce(is_legacy, false) AND updates_volume IS NULL) AS silent
  FROM {silver}.stocks_conditions
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
)
SELECT loaded.market_date, stack(4,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than conditions'),
  'rules_given', 'warn', CAST(coalesce(measured.silent, 0) AS DOUBLE), '= 0',
    coalesce(measured.silent, 0) = 0,
    concat(coalesce(measured.silent, 0), ' conditions of sales that do not say whether they count in bars'),
  'row_count', 'warn', CAST(loaded.silver_rows AS DOUBLE), '0.7 to 1.5 times the median of the last 20 loaded days, or within 5 rows of it',
    coalesce(loaded.silver_rows BETWEEN 0.7 * loaded.recent_rows AND 1.5 * loaded.recent_rows
      OR abs(loaded.silver_rows - loaded.recent_rows) <= 5, true),
    concat(loaded.silver_rows, ' rows, recent days have ', coalesce(CAST(loaded.recent_rows AS STRING), 'none')),
  'quarantine_share', 'warn', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '= 0',
    loaded.quarantined <= 0 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date;
