-- What is expected of the list of kinds of securities.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT code) AS doubled
  FROM {silver}.stocks_ticker_types
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
),
coded AS (
  SELECT market_date, code AS type_code FROM {silver}.stocks_ticker_types
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
),
{include gold/type_words.sql},
-- What has one of these codes is called `other` in gold.
wordless AS (
  SELECT market_date, count(DISTINCT type_code) AS codes, concat_ws(', ', slice(array_sort(collect_set(type_code)), 1, 10)) AS some
  FROM worded
  WHERE word IS NULL
  GROUP BY market_date
),
-- Kinds that listed tickers have and the list does not name.
unknown AS (
  SELECT tickers.market_date, count(DISTINCT tickers.type) AS kinds,
    concat_ws(', ', slice(array_sort(collect_set(tickers.type)), 1, 10)) AS some
  FROM {silver}.stocks_tickers tickers
  LEFT ANTI JOIN {silver}.stocks_ticker_types types
    ON types.market_date = tickers.market_date AND types.code = tickers.type
  WHERE tickers.market_date BETWEEN :market_date_from AND :market_date_to AND tickers.active AND tickers.type IS NOT NULL
  GROUP BY tickers.market_date
)
SELECT loaded.market_date, stack(5,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than codes'),
  'kinds_of_tickers_known', 'warn', CAST(coalesce(unknown.kinds, 0) AS DOUBLE), '= 0',
    coalesce(unknown.kinds, 0) = 0,
    concat(coalesce(unknown.kinds, 0), ' kinds of listed tickers are not in the list', coalesce(concat(': ', unknown.some), '')),
  'kinds_have_words', 'warn', CAST(coalesce(wordless.codes, 0) AS DOUBLE), '= 0',
    coalesce(wordless.codes, 0) = 0,
    concat(coalesce(wordless.codes, 0), ' kinds have no word and are other in gold', coalesce(concat(': ', wordless.some), '')),
  'row_count', 'warn', CAST(loaded.silver_rows AS DOUBLE), '0.7 to 1.5 times the median of the last 20 loaded days, or within 5 rows of it',
    coalesce(loaded.silver_rows BETWEEN 0.7 * loaded.recent_rows AND 1.5 * loaded.recent_rows
      OR abs(loaded.silver_rows - loaded.recent_rows) <= 5, true),
    concat(loaded.silver_rows, ' rows, recent days have ', coalesce(CAST(loaded.recent_rows AS STRING), 'none')),
  'quarantine_share', 'warn', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '= 0',
    loaded.quarantined <= 0 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date
LEFT JOIN wordless ON wordless.market_date = loaded.market_date
LEFT JOIN unknown ON unknown.market_date = loaded.market_date;
