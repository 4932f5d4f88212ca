-- Kinds that listed tickers have and the list does not name, and those that gold has no word for: it calls them `other`.
WITH coded AS (
  SELECT market_date, code AS type_code FROM {silver}.stocks_ticker_types
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
),
{include gold/type_words.sql}
SELECT DISTINCT market_date, 'kinds_have_words' AS expectation, type_code AS finding
FROM worded
WHERE word IS NULL
UNION ALL
SELECT DISTINCT tickers.market_date, 'kinds_of_tickers_known' AS expectation, tickers.type AS finding
FROM {silver}.stocks_tickers tickers
LEFT ANTI JOIN {silver}.stocks_ticker_types types
  ON types.market_date = tickers.market_date AND types.code = tickers.type
WHERE tickers.market_date BETWEEN :market_date_from AND :market_date_to AND tickers.active AND tickers.type IS NOT NULL;
