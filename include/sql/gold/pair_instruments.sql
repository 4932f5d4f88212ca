-- From silver's tickers to the rows of `instruments`: a pair is listed from the first market day on which the reference
-- data has it to the last one.
WITH said AS (
  SELECT ticker, name, upper(quote_currency) AS currency, CAST(delisted_at AS DATE) AS delisted_on,
    CASE WHEN active THEN market_date END AS listed_on
  FROM {silver}.{asset_class}_tickers
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
  sha2(concat_ws('/', '{asset_class}', ticker, ticker), 256) AS instrument_key,
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
FROM compared
