-- Who bore which ticker, and when. A ticker and an identity belong together from the first market day on which the
-- reference data lists them to the last one, or until another identity takes the ticker.
CREATE TABLE IF NOT EXISTS {gold}.stocks_instruments (
  instrument_key STRING NOT NULL COMMENT 'Key of this instrument under this ticker, hexadecimal',
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  identity STRING NOT NULL COMMENT 'Composite FIGI, else CIK, else the ticker itself',
  name STRING COMMENT 'Name of the security or its issuer, as last seen',
  type STRING COMMENT 'Code of the kind of security, such as CS for common stock, as last seen',
  currency STRING COMMENT 'Currency that it trades in, ISO 4217 code',
  underlying STRING COMMENT 'NULL: a stock has none',
  valid_from DATE NOT NULL COMMENT 'First market day on which it bore the ticker',
  valid_to DATE NOT NULL COMMENT 'Last market day on which it bore the ticker; 9999-12-31 while it does',
  last_seen DATE NOT NULL COMMENT 'Last market day on which the reference data listed it',
  delisted_on DATE COMMENT 'Day on which it was delisted, NULL while it is listed'
) USING delta
COMMENT 'US stocks: every security under every ticker it bore, with the days for which they belong together';

WITH seen AS (
  SELECT ticker, coalesce(composite_figi, cik, ticker) AS identity, name, type, upper(currency) AS currency,
    market_date AS first_seen, market_date AS last_seen, CAST(NULL AS DATE) AS delisted_on
  FROM {silver}.stocks_tickers WHERE {days} AND active
  UNION ALL
  SELECT ticker, identity, name, type, currency, valid_from AS first_seen, last_seen, delisted_on
  FROM {gold}.stocks_instruments
),
gone AS (
  SELECT ticker, coalesce(composite_figi, cik, ticker) AS identity, max(CAST(delisted_at AS DATE)) AS delisted_on
  FROM {silver}.stocks_tickers WHERE {days} AND NOT active AND delisted_at IS NOT NULL
  GROUP BY ticker, coalesce(composite_figi, cik, ticker)
),
spans AS (
  SELECT seen.ticker, seen.identity, max_by(seen.name, seen.last_seen) AS name, max_by(seen.type, seen.last_seen) AS type,
    max_by(seen.currency, seen.last_seen) AS currency, min(seen.first_seen) AS valid_from,
    max(seen.last_seen) AS last_seen, max(coalesce(gone.delisted_on, seen.delisted_on)) AS delisted_on
  FROM seen LEFT JOIN gone ON gone.ticker = seen.ticker AND gone.identity = seen.identity
  GROUP BY seen.ticker, seen.identity
),
followed AS (
  SELECT *, max(last_seen) OVER () AS latest_day,
    LEAD(valid_from) OVER (PARTITION BY ticker ORDER BY valid_from, identity) AS taken_over_on
  FROM spans
)
SELECT
  sha2(concat_ws('/', 'stocks', ticker, identity), 256) AS instrument_key,
  ticker,
  identity,
  name,
  type,
  currency,
  CAST(NULL AS STRING) AS underlying,
  valid_from,
  least(
    coalesce(date_sub(taken_over_on, 1), DATE'9999-12-31'),
    CASE WHEN last_seen = latest_day THEN DATE'9999-12-31'
      ELSE greatest(last_seen, coalesce(date_sub(delisted_on, 1), last_seen)) END
  ) AS valid_to,
  last_seen,
  delisted_on
FROM followed;
