-- What is expected of a day's reference data.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT struct(ticker, active, composite_figi, delisted_at)) AS doubled,
    count_if(active) AS listed
  FROM {silver}.stocks_tickers
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
),
-- Two records of one ticker on one day are two securities for silver. Gold takes one of them, as stocks_listings does: the
-- one that was there before, else the first by its identifiers.
days AS (
  SELECT market_date, ROW_NUMBER() OVER (ORDER BY market_date) AS number
  FROM (SELECT DISTINCT market_date FROM {silver}.stocks_tickers
    WHERE market_date BETWEEN date_sub(:market_date_from, 40) AND :market_date_to AND active) known
),
records AS (
  SELECT DISTINCT tickers.ticker, days.number, nullif(tickers.composite_figi, '') AS figi,
    nullif(tickers.share_class_figi, '') AS share_class, nullif(tickers.cik, '') AS cik
  FROM {silver}.stocks_tickers tickers
  JOIN days ON days.market_date = tickers.market_date
  WHERE tickers.active AND tickers.market_date BETWEEN date_sub(:market_date_from, 40) AND :market_date_to
),
several AS (
  SELECT ticker, number FROM records GROUP BY ticker, number HAVING count(*) > 1
),
stretches AS (
  SELECT records.*, records.number - ROW_NUMBER() OVER (
    PARTITION BY records.ticker, figi, share_class, cik ORDER BY records.number) AS stretch
  FROM records
  LEFT SEMI JOIN several ON several.ticker = records.ticker
),
begun AS (
  SELECT *, min(number) OVER (PARTITION BY ticker, figi, share_class, cik, stretch) AS begins FROM stretches
),
placed AS (
  SELECT begun.ticker, begun.number, begun.begins < begun.number AS was_there,
    coalesce(begun.figi, begun.share_class, begun.cik, 'none') AS identifier,
    ROW_NUMBER() OVER (PARTITION BY begun.ticker, begun.number
      ORDER BY begun.begins, begun.figi NULLS LAST, begun.share_class NULLS LAST, begun.cik NULLS LAST) AS place
  FROM begun
  JOIN several ON several.ticker = begun.ticker AND several.number = begun.number
),
chosen AS (
  SELECT ticker, number,
    concat(ticker, ' (', max(CASE WHEN place = 1 THEN identifier END), ' counts, ',
      CASE WHEN bool_or(place = 1 AND was_there) THEN 'which was there before' ELSE 'the first by its identifiers' END,
      ', not ', array_join(array_sort(collect_list(CASE WHEN place > 1 THEN identifier END)), ', '), ')') AS told
  FROM placed
  GROUP BY ticker, number
),
named AS (
  SELECT days.market_date, count(*) AS tickers, array_join(slice(array_sort(collect_list(chosen.told)), 1, 10), ', ') AS names
  FROM chosen
  JOIN days ON days.number = chosen.number
  GROUP BY days.market_date
)
SELECT loaded.market_date, stack(5,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than securities'),
  'one_record_a_ticker', 'warn', CAST(coalesce(named.tickers, 0) AS DOUBLE), '= 0',
    coalesce(named.tickers, 0) = 0,
    concat(coalesce(named.tickers, 0), ' tickers with records of several securities on the day: ', coalesce(named.names, 'none')),
  'some_listed', 'critical', CAST(coalesce(measured.listed, 0) AS DOUBLE), '> 0',
    coalesce(measured.listed, 0) > 0, concat(coalesce(measured.listed, 0), ' tickers are listed on the day'),
  'row_count', 'critical', CAST(loaded.silver_rows AS DOUBLE), '0.5 to 2.0 times the median of the last 20 loaded days, or within 5 rows of it',
    coalesce(loaded.silver_rows BETWEEN 0.5 * loaded.recent_rows AND 2.0 * loaded.recent_rows
      OR abs(loaded.silver_rows - loaded.recent_rows) <= 5, true),
    concat(loaded.silver_rows, ' rows, recent days have ', coalesce(CAST(loaded.recent_rows AS STRING), 'none')),
  'quarantine_share', 'critical', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.05',
    loaded.quarantined <= 0.05 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded
LEFT JOIN measured ON measured.market_date = loaded.market_date
LEFT JOIN named ON named.market_date = loaded.market_date;
