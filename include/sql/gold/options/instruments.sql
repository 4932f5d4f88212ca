-- Every contract that was listed or traded. A contract is what its symbol says, and since a split of its underlying another
-- one; it bears the symbol from the first market day on which it was seen until it expires, or until the split.
-- Key: ticker, valid_from to valid_to
-- Key: instrument_key
-- NULL: what the reference data does not say
CREATE TABLE IF NOT EXISTS {gold}.options_instruments (
  instrument_key STRING NOT NULL COMMENT 'Key of this instrument under this ticker, hexadecimal',
  ticker STRING NOT NULL COMMENT 'Symbol of the contract',
  identity STRING NOT NULL COMMENT 'The symbol itself, and from a split of its underlying on the symbol, @ and the day of that split',
  name STRING COMMENT 'Underlying, expiry, strike (USD) and type in words',
  type STRING COMMENT 'call or put',
  currency STRING COMMENT 'Currency that it trades in, ISO 4217 code',
  underlying STRING COMMENT 'Ticker of the stock or fund that the contract is on, as last seen',
  valid_from DATE NOT NULL COMMENT 'First market day on which it was listed or traded',
  valid_to DATE NOT NULL COMMENT 'Last day on which the contract may be exercised, or the day before the split after which another one has its symbol',
  last_seen DATE NOT NULL COMMENT 'Last market day on which it was listed or traded',
  strike DOUBLE COMMENT 'Price at which it may be exercised, USD a share of the underlying',
  shares_per_contract DOUBLE COMMENT 'Shares that a contract delivers, number, as last seen',
  exercise_style STRING COMMENT 'american, european or bermudan, as last seen; NULL where the reference data does not list it',
  is_adjusted BOOLEAN COMMENT 'True for a contract that delivers other than 100 shares or something beside them, as last seen'
) USING delta
COMMENT 'US options: every contract with the days for which its symbol stands for it';

WITH contracts AS (
  SELECT ticker, since, concat_ws('@', ticker, nullif(since, DATE'0001-01-01')) AS identity,
    max_by(underlying, month) AS underlying,
    CASE WHEN substr(ticker, -9, 1) = 'C' THEN 'call' ELSE 'put' END AS type,
    CAST(concat('20', substr(ticker, -15, 2), '-', substr(ticker, -13, 2), '-', substr(ticker, -11, 2)) AS DATE) AS expiry,
    CAST(right(ticker, 8) AS DOUBLE) / 1000 AS strike,
    max_by(shares_per_contract, CASE WHEN shares_per_contract IS NOT NULL THEN month END) AS shares_per_contract,
    max_by(exercise_style, CASE WHEN exercise_style IS NOT NULL THEN month END) AS exercise_style,
    max_by(is_adjusted, CASE WHEN is_adjusted IS NOT NULL THEN month END) AS is_adjusted,
    min(first_seen) AS valid_from,
    max(last_seen) AS last_seen
  FROM {gold}.options_contract_months
  GROUP BY ticker, since
),
-- When the split comes behind which another contract has the symbol; the time before the first split included.
spans AS (
  SELECT ticker AS underlying, since, until FROM {any_gold}.options_underlyings
  UNION ALL
  SELECT ticker AS underlying, DATE'0001-01-01' AS since, min(since) AS until FROM {any_gold}.options_underlyings GROUP BY ticker
)
SELECT
  sha2(concat_ws('/', 'options', contracts.identity, contracts.ticker), 256) AS instrument_key,
  contracts.ticker,
  contracts.identity,
  concat(contracts.underlying, ' ', contracts.expiry, ' ', regexp_replace(CAST(contracts.strike AS STRING), '[.]0$', ''), ' ', contracts.type) AS name,
  contracts.type,
  'USD' AS currency,
  contracts.underlying,
  contracts.valid_from,
  least(contracts.expiry, date_sub(coalesce(spans.until, DATE'9999-12-31'), 1)) AS valid_to,
  contracts.last_seen,
  contracts.strike,
  contracts.shares_per_contract,
  contracts.exercise_style,
  contracts.is_adjusted
FROM contracts
LEFT JOIN spans ON spans.underlying = contracts.underlying AND spans.since = contracts.since;
