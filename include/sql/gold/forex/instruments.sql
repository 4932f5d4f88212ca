-- Which pairs there are, and since when. Its ticker is all that identifies one; it is listed from the first market day on
-- which the reference data has it to the last one.
CREATE TABLE IF NOT EXISTS {gold}.forex_instruments (
  instrument_key STRING NOT NULL COMMENT 'Key of this instrument under this ticker, hexadecimal',
  ticker STRING NOT NULL COMMENT 'Pair, base currency first: C:EURUSD',
  identity STRING NOT NULL COMMENT 'The ticker itself',
  name STRING COMMENT 'Name as last seen',
  type STRING COMMENT 'pair: two currencies, or a metal and a currency',
  currency STRING COMMENT 'Currency that its prices are in, ISO 4217 code',
  underlying STRING COMMENT 'NULL: it has none',
  valid_from DATE NOT NULL COMMENT 'First market day on which it was listed',
  valid_to DATE NOT NULL COMMENT 'Last market day on which it was listed; 9999-12-31 while it is',
  last_seen DATE NOT NULL COMMENT 'Last market day on which the reference data listed it',
  delisted_on DATE COMMENT 'Day on which it was delisted, NULL while it is listed'
) USING delta
COMMENT 'Forex: every pair, with the days on which it was listed';

WITH seen AS (
  SELECT ticker, name, upper(quote_currency) AS currency, market_date AS first_seen, market_date AS last_seen,
    CAST(NULL AS DATE) AS delisted_on
  FROM {silver}.forex_tickers WHERE {days} AND active
  UNION ALL
  SELECT ticker, name, currency, valid_from AS first_seen, last_seen, delisted_on FROM {gold}.forex_instruments
),
gone AS (
  SELECT ticker, max(CAST(delisted_at AS DATE)) AS delisted_on
  FROM {silver}.forex_tickers WHERE {days} AND NOT active AND delisted_at IS NOT NULL
  GROUP BY ticker
),
spans AS (
  SELECT seen.ticker, max_by(seen.name, seen.last_seen) AS name, max_by(seen.currency, seen.last_seen) AS currency,
    min(seen.first_seen) AS valid_from, max(seen.last_seen) AS last_seen,
    max(coalesce(gone.delisted_on, seen.delisted_on)) AS delisted_on
  FROM seen LEFT JOIN gone ON gone.ticker = seen.ticker
  GROUP BY seen.ticker
),
compared AS (
  SELECT *, max(last_seen) OVER () AS latest_day FROM spans
)
SELECT
  sha2(concat_ws('/', 'forex', ticker, ticker), 256) AS instrument_key,
  ticker,
  ticker AS identity,
  name,
  'pair' AS type,
  currency,
  CAST(NULL AS STRING) AS underlying,
  valid_from,
  CASE WHEN last_seen = latest_day THEN DATE'9999-12-31'
    ELSE greatest(last_seen, coalesce(date_sub(delisted_on, 1), last_seen)) END AS valid_to,
  last_seen,
  CASE WHEN last_seen < latest_day THEN delisted_on END AS delisted_on
FROM compared;
