-- Every security under every ticker that it bore. A security is one thread through time: the listings that continue each
-- other. It is named by the oldest identifier of its thread, which nothing that comes later changes.
-- Key: ticker, valid_from to valid_to
-- Key: instrument_key
-- NULL: what the reference data does not say
CREATE TABLE IF NOT EXISTS {gold}.stocks_instruments (
  instrument_key STRING NOT NULL COMMENT 'Key of this instrument under this ticker, hexadecimal',
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  identity STRING NOT NULL COMMENT 'Composite FIGI, else share class FIGI, else CIK, else the ticker itself, as last known',
  name STRING COMMENT 'Name of the security or its issuer, as last seen',
  type STRING NOT NULL COMMENT 'Kind of security, as last seen: share, depositary_receipt, preferred, fund, note, warrant, right, unit, bond, structured_product, basket, liquidating_trust, index or other',
  type_code STRING COMMENT 'The same as the source has it: a code such as CS for common stock; NULL where it says none',
  currency STRING COMMENT 'Currency that it trades in, ISO 4217 code',
  underlying STRING COMMENT 'NULL: a stock has none',
  valid_from DATE NOT NULL COMMENT 'First market day on which it bore the ticker',
  valid_to DATE NOT NULL COMMENT 'Last market day on which it bore the ticker; 9999-12-31 while it does',
  last_seen DATE NOT NULL COMMENT 'Last market day on which the reference data listed it',
  delisted_on DATE COMMENT 'Day on which it was delisted, NULL while it is listed',
  security STRING COMMENT 'The security, whatever its ticker: the oldest identifier of its thread (FIGI or ticker)',
  ticker_before STRING COMMENT 'Ticker that the security bore before this one; NULL for its first',
  ticker_after STRING COMMENT 'Ticker that the security bore after this one; NULL for its last',
  since DATE COMMENT 'First calendar day whose prices under the ticker are its own; 0001-01-01 where no earlier reference data is there',
  until DATE COMMENT 'First calendar day whose prices under the ticker are no longer its own; 9999-12-31 where no other security follows'
) USING delta
COMMENT 'US stocks: every security under every ticker it bore, with the days for which they belong together';

WITH rooted AS (
  SELECT listings.*,
    coalesce(roots.root_ticker, listings.ticker) AS root_ticker,
    coalesce(roots.root_from, listings.valid_from) AS root_from
  FROM {gold}.stocks_listings listings
  LEFT JOIN roots_of_successions roots ON roots.ticker = listings.ticker AND roots.valid_from = listings.valid_from
),
-- A ticker of days without reference data is a security of its own, which the first reference data continues.
named AS (
  SELECT listings.ticker, listings.valid_from,
    CASE
      WHEN listings.first_number = 1 AND bars.first_day < listings.valid_from THEN listings.ticker
      WHEN listings.first_figi IS NOT NULL THEN listings.first_figi
      WHEN ROW_NUMBER() OVER (PARTITION BY listings.ticker ORDER BY listings.valid_from) = 1 THEN listings.ticker
      ELSE concat(listings.ticker, '/', listings.valid_from)
    END AS security
  FROM {gold}.stocks_listings listings
  CROSS JOIN (SELECT min(market_date) AS first_day FROM first_days WHERE dataset = 'grouped_daily') bars
),
threads AS (
  SELECT rooted.*, named.security,
    LAG(named.security) OVER (PARTITION BY rooted.ticker ORDER BY rooted.valid_from) AS bearer_before,
    LAG(rooted.ticker) OVER (
      PARTITION BY named.security ORDER BY rooted.valid_from, rooted.last_seen, rooted.ticker) AS borne_before
  FROM rooted
  JOIN named ON named.ticker = rooted.root_ticker AND named.valid_from = rooted.root_from
),
-- Who takes back a ticker has had another one meanwhile: that is a turn of its own.
turns AS (
  SELECT *, sum(CASE WHEN security = bearer_before AND ticker = borne_before THEN 0 ELSE 1 END) OVER (
    PARTITION BY ticker ORDER BY valid_from) AS turn
  FROM threads
),
spans AS (
  SELECT ticker, security, turn,
    max_by(coalesce(composite_figi, share_class_figi, cik, ticker), valid_from) AS identity,
    max_by(name, valid_from) AS name,
    max_by(type, valid_from) AS type,
    max_by(type_code, valid_from) AS type_code,
    max_by(currency, valid_from) AS currency,
    min(valid_from) AS valid_from,
    min(first_number) AS first_number,
    max(last_seen) AS last_seen,
    max_by(delisted_on, valid_from) AS delisted_on
  FROM turns
  GROUP BY ticker, security, turn
),
followed AS (
  SELECT *,
    max(last_seen) OVER () AS latest_day,
    LEAD(valid_from) OVER (PARTITION BY ticker ORDER BY valid_from) AS taken_over_on,
    LAG(ticker) OVER (PARTITION BY security ORDER BY valid_from, last_seen, ticker) AS ticker_before,
    -- By when it ended: one that was taken back within days is one listing, around the other.
    LEAD(ticker) OVER (PARTITION BY security ORDER BY last_seen, valid_from, ticker) AS ticker_after,
    ROW_NUMBER() OVER (PARTITION BY ticker, security ORDER BY valid_from) AS time
  FROM spans
)
SELECT
  sha2(concat_ws('/', 'stocks', ticker, security, CASE WHEN time > 1 THEN time END), 256) AS instrument_key,
  ticker,
  identity,
  name,
  type,
  type_code,
  currency,
  CAST(NULL AS STRING) AS underlying,
  valid_from,
  least(
    coalesce(date_sub(taken_over_on, 1), DATE'9999-12-31'),
    CASE WHEN last_seen = latest_day THEN DATE'9999-12-31'
      ELSE greatest(last_seen, coalesce(date_sub(delisted_on, 1), last_seen)) END
  ) AS valid_to,
  last_seen,
  CASE WHEN last_seen < latest_day THEN delisted_on END AS delisted_on,
  security,
  ticker_before,
  ticker_after,
  CASE WHEN first_number = 1 THEN DATE'0001-01-01' ELSE valid_from END AS since,
  coalesce(taken_over_on, DATE'9999-12-31') AS until
FROM followed;
