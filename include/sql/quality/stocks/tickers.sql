-- Two records of one ticker on one day are two securities for silver. Gold takes one of them, as stocks_listings does: the
-- one that was there before, else the first by its identifiers.
WITH days AS (
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
)
SELECT days.market_date, 'one_record_a_ticker' AS expectation,
  concat(ticker, ' (', max(CASE WHEN place = 1 THEN identifier END), ' counts, ',
    CASE WHEN bool_or(place = 1 AND was_there) THEN 'which was there before' ELSE 'the first by its identifiers' END,
    ', not ', array_join(array_sort(collect_list(CASE WHEN place > 1 THEN identifier END)), ', '), ')') AS finding
FROM placed
JOIN days ON days.number = placed.number
GROUP BY days.market_date, ticker;
