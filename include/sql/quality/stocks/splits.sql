-- What is expected of a day's splits: a wrong one would bend every adjusted price before it.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT splits.market_date,
    count(*) - count(DISTINCT splits.ticker, splits.execution_date) AS doubled,
    count_if(split_from <= 0 OR split_to <= 0) AS not_positive,
    count_if(execution_date <> splits.market_date) AS elsewhere,
    count_if(listed.ticker IS NULL) AS unknown
  FROM {silver}.stocks_splits splits
  LEFT JOIN (
    SELECT DISTINCT market_date, ticker FROM {silver}.stocks_tickers
    WHERE market_date BETWEEN :market_date_from AND :market_date_to
  ) listed ON listed.market_date = splits.market_date AND listed.ticker = splits.ticker
  WHERE splits.market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY splits.market_date
)
SELECT loaded.market_date, stack(5,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0,
    concat(coalesce(measured.doubled, 0), ' rows more than tickers and execution dates'),
  'ratio_positive', 'critical', CAST(coalesce(measured.not_positive, 0) AS DOUBLE), '= 0',
    coalesce(measured.not_positive, 0) = 0,
    concat(coalesce(measured.not_positive, 0), ' splits with a share count of 0 or less'),
  'executed_on_the_day', 'critical', CAST(coalesce(measured.elsewhere, 0) AS DOUBLE), '= 0',
    coalesce(measured.elsewhere, 0) = 0,
    concat(coalesce(measured.elsewhere, 0), ' splits with an execution date other than the market day'),
  'tickers_known', 'warn', CAST(coalesce(measured.unknown, 0) AS DOUBLE), '= 0',
    coalesce(measured.unknown, 0) = 0,
    concat(coalesce(measured.unknown, 0), ' splits of tickers that the reference data of the day does not list'),
  'quarantine_share', 'warn', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '= 0',
    loaded.quarantined <= 0 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date;
