-- Every contract that was listed or traded. A contract is what its symbol says, so that it is its own identity; it bears
-- the symbol from the first market day on which it was seen until it expires.
CREATE TABLE IF NOT EXISTS {gold}.options_instruments (
  instrument_key STRING NOT NULL COMMENT 'Key of this instrument under this ticker, hexadecimal',
  ticker STRING NOT NULL COMMENT 'Symbol of the contract',
  identity STRING NOT NULL COMMENT 'The symbol itself',
  name STRING COMMENT 'Underlying, expiry, strike (USD) and type in words',
  type STRING COMMENT 'call or put',
  currency STRING COMMENT 'Currency that it trades in, ISO 4217 code',
  underlying STRING COMMENT 'Ticker of the stock or fund that the contract is on, as last seen',
  valid_from DATE NOT NULL COMMENT 'First market day on which it was listed or traded',
  valid_to DATE NOT NULL COMMENT 'Last day on which the contract may be exercised',
  last_seen DATE NOT NULL COMMENT 'Last market day on which it was listed or traded',
  strike DOUBLE COMMENT 'Price at which it may be exercised, USD a share of the underlying',
  shares_per_contract DOUBLE COMMENT 'Shares that a contract delivers, number, as last seen',
  exercise_style STRING COMMENT 'american, european or bermudan, as last seen; NULL where the reference data does not list it',
  is_adjusted BOOLEAN COMMENT 'True for a contract that delivers other than 100 shares or something beside them, as last seen'
) USING delta
COMMENT 'US options: every contract with the days for which its symbol stands for it';

WITH seen AS (
  SELECT ticker, underlying, CASE WHEN substr(ticker, -9, 1) = 'C' THEN 'call' ELSE 'put' END AS type, expiry, strike,
    shares_per_contract, exercise_style, market_date AS first_seen, market_date AS last_seen,
    shares_per_contract <> 100 OR coalesce(additional_underlyings, '[]') <> '[]'
      OR substr(ticker, -16, 1) BETWEEN '0' AND '9' AS is_adjusted
  FROM {silver}.options_contracts WHERE {days}
  UNION ALL
  SELECT ticker, underlying, type, expiry, strike, shares_per_contract, CAST(NULL AS STRING) AS exercise_style,
    market_date AS first_seen, market_date AS last_seen, is_adjusted
  FROM {gold}.options_daily_prices WHERE {days}
  UNION ALL
  SELECT ticker, underlying, type, valid_to AS expiry, strike, shares_per_contract, exercise_style,
    valid_from AS first_seen, last_seen, is_adjusted
  FROM {gold}.options_instruments
),
contracts AS (
  SELECT ticker,
    max_by(underlying, last_seen) AS underlying,
    max(type) AS type,
    max(expiry) AS expiry,
    max(strike) AS strike,
    max_by(shares_per_contract, CASE WHEN shares_per_contract IS NOT NULL THEN last_seen END) AS shares_per_contract,
    max_by(exercise_style, CASE WHEN exercise_style IS NOT NULL THEN last_seen END) AS exercise_style,
    max_by(is_adjusted, CASE WHEN is_adjusted IS NOT NULL THEN last_seen END) AS is_adjusted,
    min(first_seen) AS valid_from,
    max(last_seen) AS last_seen
  FROM seen
  GROUP BY ticker
)
SELECT
  sha2(concat_ws('/', 'options', ticker, ticker), 256) AS instrument_key,
  ticker,
  ticker AS identity,
  concat(underlying, ' ', expiry, ' ', regexp_replace(CAST(strike AS STRING), '[.]0$', ''), ' ', type) AS name,
  type,
  'USD' AS currency,
  underlying,
  valid_from,
  expiry AS valid_to,
  last_seen,
  strike,
  shares_per_contract,
  exercise_style,
  is_adjusted
FROM contracts;
