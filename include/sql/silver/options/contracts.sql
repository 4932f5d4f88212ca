-- Contracts that could be traded on the market day, as the reference data described them then.
CREATE TABLE IF NOT EXISTS {silver}.options_contracts (
  ticker STRING NOT NULL COMMENT 'Symbol of the contract: O:, root, expiry as yymmdd, C or P, strike in thousandths of a USD',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a New York session date',
  underlying STRING NOT NULL COMMENT 'Ticker of the stock or fund that the contract is on',
  type STRING NOT NULL COMMENT 'call or put, in rare cases other',
  expiry DATE NOT NULL COMMENT 'Last day on which the contract may be exercised',
  strike DOUBLE NOT NULL COMMENT 'Price at which it may be exercised, USD a share of the underlying',
  exercise_style STRING COMMENT 'american, european or bermudan',
  shares_per_contract DOUBLE COMMENT 'Shares of the underlying that a contract delivers, number',
  primary_exchange STRING COMMENT 'ISO 10383 code (MIC) of the exchange that lists it',
  cfi STRING COMMENT 'ISO 10962 classification, six letters',
  correction INT COMMENT 'Correction number of the record at the source',
  additional_underlyings STRING COMMENT 'What else a contract delivers after a corporate action, JSON array of type, underlying and amount',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US options: reference data of every contract as of each market day, for the chosen underlyings';

SELECT
  ticker,
  market_date,
  underlying,
  type,
  TRY_CAST(expiry AS DATE) AS expiry,
  TRY_CAST(strike AS DOUBLE) AS strike,
  exercise_style,
  TRY_CAST(shares_per_contract AS DOUBLE) AS shares_per_contract,
  primary_exchange,
  cfi,
  CASE WHEN TRY_CAST(correction AS DOUBLE) = floor(TRY_CAST(correction AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(correction AS DOUBLE) AS INT) END AS correction,
  additional_underlyings,
{include silver/from_bronze.sql};
