-- Every contract that was listed or traded. A contract is what its symbol says, and since a split of its underlying another
-- one; it bears the symbol from the first market day on which it was seen until it expires, or until the split.
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

WITH
{include gold/underlyings_since.sql},
seen AS (
  SELECT listed.ticker, concat_ws('@', listed.ticker, underlyings.since) AS identity, listed.underlying,
    CASE WHEN substr(listed.ticker, -9, 1) = 'C' THEN 'call' ELSE 'put' END AS type, strike, shares_per_contract, exercise_style,
    listed.market_date AS first_seen, listed.market_date AS last_seen,
    shares_per_contract <> 100 OR coalesce(additional_underlyings, '[]') <> '[]'
      OR substr(listed.ticker, -16, 1) BETWEEN '0' AND '9' AS is_adjusted
  FROM (SELECT * FROM {silver}.options_contracts WHERE {days}) listed
  LEFT JOIN underlyings ON underlyings.market_date = listed.market_date AND underlyings.underlying = listed.underlying
  UNION ALL
  SELECT ticker, security AS identity, underlying, type, strike, shares_per_contract, CAST(NULL AS STRING) AS exercise_style,
    market_date AS first_seen, market_date AS last_seen, is_adjusted
  FROM {gold}.options_daily_prices WHERE {days}
  UNION ALL
  SELECT ticker, identity, underlying, type, strike, shares_per_contract, exercise_style,
    valid_from AS first_seen, last_seen, is_adjusted
  FROM {gold}.options_instruments
),
-- From one split of an underlying to the next, the time before the first included.
spans AS (
  SELECT underlying, CAST(since AS STRING) AS since, LEAD(since) OVER (PARTITION BY underlying ORDER BY since) AS until
  FROM (SELECT DISTINCT ticker AS underlying, market_date AS since FROM {any_silver}.stocks_splits
    WHERE NOT coalesce(withdrawn, false))
  UNION ALL
  SELECT ticker AS underlying, '' AS since, min(market_date) AS until FROM {any_silver}.stocks_splits
  WHERE NOT coalesce(withdrawn, false)
  GROUP BY ticker
),
contracts AS (
  SELECT ticker, identity,
    max_by(underlying, last_seen) AS underlying,
    max(type) AS type,
    CAST(concat('20', substr(ticker, -15, 2), '-', substr(ticker, -13, 2), '-', substr(ticker, -11, 2)) AS DATE) AS expiry,
    max(strike) AS strike,
    max_by(shares_per_contract, CASE WHEN shares_per_contract IS NOT NULL THEN last_seen END) AS shares_per_contract,
    max_by(exercise_style, CASE WHEN exercise_style IS NOT NULL THEN last_seen END) AS exercise_style,
    max_by(is_adjusted, CASE WHEN is_adjusted IS NOT NULL THEN last_seen END) AS is_adjusted,
    min(first_seen) AS valid_from,
    max(last_seen) AS last_seen
  FROM seen
  GROUP BY ticker, identity
)
SELECT
  sha2(concat_ws('/', 'options', identity, ticker), 256) AS instrument_key,
  ticker,
  identity,
  concat(contracts.underlying, ' ', expiry, ' ', regexp_replace(CAST(strike AS STRING), '[.]0$', ''), ' ', type) AS name,
  type,
  'USD' AS currency,
  contracts.underlying,
  valid_from,
  coalesce(least(expiry, date_sub(spans.until, 1)), expiry) AS valid_to,
  last_seen,
  strike,
  shares_per_contract,
  exercise_style,
  is_adjusted
FROM contracts
LEFT JOIN spans ON spans.underlying = contracts.underlying AND spans.since = split_part(identity, '@', 2);
