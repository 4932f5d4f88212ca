-- Which pairs there are, and since when. Its ticker is all that identifies one; it is listed from the first market day on
-- which the reference data has it to the last one.
-- Key: ticker, valid_from to valid_to
-- Key: instrument_key
-- NULL: what the reference data does not say
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

WITH said AS (
  SELECT ticker, name, upper(quote_currency) AS currency, CAST(delisted_at AS DATE) AS delisted_on,
    CASE WHEN active THEN market_date END AS listed_on
  FROM {silver}.forex_tickers
),
spans AS (
  SELECT ticker, max_by(name, listed_on) AS name, max_by(currency, listed_on) AS currency, min(listed_on) AS valid_from,
    max(listed_on) AS last_seen, max(CASE WHEN listed_on IS NULL THEN delisted_on END) AS delisted_on
  FROM said
  GROUP BY ticker
),
compared AS (
  SELECT *, max(last_seen) OVER () AS latest_day FROM spans WHERE valid_from IS NOT NULL
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
