-- Which indices there are, and since when. Its ticker is all that identifies one; it is listed from the first market day on
-- which the reference data has it to the last one.
-- Key: ticker, valid_from to valid_to
-- Key: instrument_key
-- NULL: what the reference data does not say
CREATE TABLE IF NOT EXISTS {gold}.indices_instruments (
  instrument_key STRING NOT NULL COMMENT 'Key of this instrument under this ticker, hexadecimal',
  ticker STRING NOT NULL COMMENT 'Index, such as I:SPX',
  identity STRING NOT NULL COMMENT 'The ticker itself',
  name STRING COMMENT 'Name as last seen',
  type STRING COMMENT 'index',
  currency STRING COMMENT 'points: an index is in no currency',
  underlying STRING COMMENT 'NULL: it has none',
  valid_from DATE NOT NULL COMMENT 'First market day on which it was listed',
  valid_to DATE NOT NULL COMMENT 'Last market day on which it was listed; 9999-12-31 while it is',
  last_seen DATE NOT NULL COMMENT 'Last market day on which the reference data listed it',
  delisted_on DATE COMMENT 'NULL: the source does not say'
) USING delta
COMMENT 'Indices: every index, with the days on which it was listed';

WITH spans AS (
  SELECT ticker, max_by(name, market_date) AS name, min(market_date) AS valid_from, max(market_date) AS last_seen
  FROM {silver}.indices_tickers
  WHERE active
  GROUP BY ticker
),
compared AS (
  SELECT *, max(last_seen) OVER () AS latest_day FROM spans
)
SELECT
  sha2(concat_ws('/', 'indices', ticker, ticker), 256) AS instrument_key,
  ticker,
  ticker AS identity,
  name,
  'index' AS type,
  'points' AS currency,
  CAST(NULL AS STRING) AS underlying,
  valid_from,
  CASE WHEN last_seen = latest_day THEN DATE'9999-12-31' ELSE last_seen END AS valid_to,
  last_seen,
  CAST(NULL AS DATE) AS delisted_on
FROM compared;
