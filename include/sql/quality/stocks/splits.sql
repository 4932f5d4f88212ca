-- What is expected of a day's splits: a wrong one would bend every adjusted price before it.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH counted_days AS (
  SELECT market_date, day_before FROM loaded
),
{include gold/announced_ratios.sql},
{include gold/chosen_ratios.sql},
told AS (
  SELECT market_date, count(*) AS doubted,
    array_join(slice(array_sort(collect_list(
      concat(ticker, ' ', market_date, ': ', said, ', ', CASE WHEN ratio = 1 THEN 'not applied' ELSE concat('applied ', regexp_replace(CAST(round(ratio, 6) AS STRING), '[.]0$', '')) END))), 1, 10), '; ') AS names
  FROM chosen
  WHERE doubted
  GROUP BY market_date
),
measured AS (
  SELECT splits.market_date,
    count(*) - count(DISTINCT struct(split_id, splits.ticker, execution_date, split_from, split_to)) AS doubled,
    count_if(split_from <= 0 OR split_to <= 0) AS not_positive,
    count_if(execution_date > splits.market_date OR execution_date <= loaded.day_before) AS elsewhere,
    count_if(listed.ticker IS NULL AND NOT coalesce(splits.withdrawn, false)) AS unknown
  FROM {silver}.stocks_splits splits
  JOIN loaded ON loaded.market_date = splits.market_date
  LEFT JOIN (
    SELECT DISTINCT market_date, ticker FROM {silver}.stocks_tickers
    WHERE market_date BETWEEN :market_date_from AND :market_date_to
  ) listed ON listed.market_date = splits.market_date AND listed.ticker = splits.ticker
  WHERE splits.market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY splits.market_date
)
SELECT loaded.market_date, stack(6,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0,
    concat(coalesce(measured.doubled, 0), ' rows more than ids, tickers, execution dates and ratios'),
  'ratio_positive', 'critical', CAST(coalesce(measured.not_positive, 0) AS DOUBLE), '= 0',
    coalesce(measured.not_positive, 0) = 0,
    concat(coalesce(measured.not_positive, 0), ' splits with a share count of 0 or less'),
  'executed_by_the_day', 'critical', CAST(coalesce(measured.elsewhere, 0) AS DOUBLE), '= 0',
    coalesce(measured.elsewhere, 0) = 0,
    concat(coalesce(measured.elsewhere, 0), ' splits executed after the market day, or by the market day before it'),
  'source_and_price_agree', 'warn', CAST(coalesce(told.doubted, 0) AS DOUBLE), '= 0',
    coalesce(told.doubted, 0) = 0,
    concat(coalesce(told.doubted, 0), ' tickers with several ratios for the day, a withdrawn one, or one that the overnight move contradicts', coalesce(concat(': ', told.names), '')),
  'tickers_known', 'warn', CAST(coalesce(measured.unknown, 0) AS DOUBLE), '= 0',
    coalesce(measured.unknown, 0) = 0,
    concat(coalesce(measured.unknown, 0), ' splits of tickers that the reference data of the day does not list'),
  'quarantine_share', 'warn', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '= 0',
    loaded.quarantined <= 0 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded
LEFT JOIN measured ON measured.market_date = loaded.market_date
LEFT JOIN told ON told.market_date = loaded.market_date;
