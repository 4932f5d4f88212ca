-- The chains as they stood when they were taken. What the source cannot or may not tell is NULL: quotes and trades where
-- the plan lacks them, greeks and implied volatility where no volatility explains the price.
CREATE TABLE IF NOT EXISTS {silver}.options_chain_snapshot (
  ticker STRING NOT NULL COMMENT 'Symbol of the contract: O:, root, expiry as yymmdd, C or P, strike in thousandths of a USD',
  market_date DATE NOT NULL COMMENT 'Market day that had opened last when it was taken, a New York session date',
  underlying STRING NOT NULL COMMENT 'Ticker of the stock or fund that the contract is on',
  type STRING NOT NULL COMMENT 'call or put, in rare cases other',
  expiry DATE NOT NULL COMMENT 'Last day on which the contract may be exercised',
  strike DOUBLE NOT NULL COMMENT 'Price at which it may be exercised, USD a share of the underlying',
  exercise_style STRING COMMENT 'american, european or bermudan',
  shares_per_contract DOUBLE COMMENT 'Shares of the underlying that a contract delivers, number',
  open_interest DOUBLE COMMENT 'Contracts held at the end of the last trading day that was over for the source, number',
  implied_volatility DOUBLE COMMENT 'Volatility of the underlying that explains the price, fraction a year (0.25 is 25 %)',
  delta DOUBLE COMMENT 'Change of the price for 1 USD of the underlying, USD; 0 to 1 for calls, -1 to 0 for puts',
  gamma DOUBLE COMMENT 'Change of delta for 1 USD of the underlying, number',
  theta DOUBLE COMMENT 'Change of the price in a calendar day, USD',
  vega DOUBLE COMMENT 'Change of the price for one percentage point of volatility, USD',
  bid DOUBLE COMMENT 'Best bid, USD a share of the underlying',
  ask DOUBLE COMMENT 'Best ask, USD a share of the underlying',
  bid_size DOUBLE COMMENT 'Contracts bid for, number',
  ask_size DOUBLE COMMENT 'Contracts on offer, number',
  quoted_at TIMESTAMP COMMENT 'When bid and ask were last updated, UTC',
  last_price DOUBLE COMMENT 'Price of the last trade, USD a share of the underlying',
  last_size DOUBLE COMMENT 'Contracts of the last trade, number',
  last_traded_at TIMESTAMP COMMENT 'When the last trade was reported, UTC',
  bar_close DOUBLE COMMENT 'Close of the latest daily bar, maybe of an earlier day, USD a share of the underlying',
  bar_volume DOUBLE COMMENT 'Contracts traded in the latest daily bar, number',
  bar_start TIMESTAMP COMMENT 'What the source gives as the time of the latest daily bar, UTC',
  break_even_price DOUBLE COMMENT 'Price of the underlying at which exercise pays for the premium, USD a share',
  underlying_price DOUBLE COMMENT 'Price of the underlying, USD a share; NULL where the plan has no stocks',
  underlying_updated_at TIMESTAMP COMMENT 'When the price of the underlying was last updated, UTC',
  revision INT NOT NULL COMMENT 'Bronze revision that the row was read from, counted from 1',
  asof TIMESTAMP NOT NULL COMMENT 'When it was taken: when the API answered, by its own clock, UTC',
  source_uri STRING NOT NULL COMMENT 'Bronze object that the row was read from, URI'
) USING delta
COMMENT 'US options: quotes, greeks and open interest of the chosen underlyings, one row a contract and market day';

SELECT
  ticker,
  market_date,
  underlying,
  type,
  TRY_CAST(expiry AS DATE) AS expiry,
  TRY_CAST(strike AS DOUBLE) AS strike,
  exercise_style,
  TRY_CAST(shares_per_contract AS DOUBLE) AS shares_per_contract,
  TRY_CAST(open_interest AS DOUBLE) AS open_interest,
  TRY_CAST(implied_volatility AS DOUBLE) AS implied_volatility,
  TRY_CAST(delta AS DOUBLE) AS delta,
  TRY_CAST(gamma AS DOUBLE) AS gamma,
  TRY_CAST(theta AS DOUBLE) AS theta,
  TRY_CAST(vega AS DOUBLE) AS vega,
  TRY_CAST(bid AS DOUBLE) AS bid,
  TRY_CAST(ask AS DOUBLE) AS ask,
  TRY_CAST(bid_size AS DOUBLE) AS bid_size,
  TRY_CAST(ask_size AS DOUBLE) AS ask_size,
  -- Nanoseconds.
  CASE WHEN TRY_CAST(quoted_at AS DOUBLE) BETWEEN 0 AND 4102444800000000000
    THEN timestamp_micros(coalesce(TRY_CAST(quoted_at AS BIGINT), CAST(TRY_CAST(quoted_at AS DOUBLE) AS BIGINT)) DIV 1000) END AS quoted_at,
  TRY_CAST(last_price AS DOUBLE) AS last_price,
  TRY_CAST(last_size AS DOUBLE) AS last_size,
  CASE WHEN TRY_CAST(last_traded_at AS DOUBLE) BETWEEN 0 AND 4102444800000000000
    THEN timestamp_micros(coalesce(TRY_CAST(last_traded_at AS BIGINT), CAST(TRY_CAST(last_traded_at AS DOUBLE) AS BIGINT)) DIV 1000) END AS last_traded_at,
  TRY_CAST(bar_close AS DOUBLE) AS bar_close,
  TRY_CAST(bar_volume AS DOUBLE) AS bar_volume,
  CASE WHEN TRY_CAST(bar_start AS DOUBLE) BETWEEN 0 AND 4102444800000000000
    THEN timestamp_micros(coalesce(TRY_CAST(bar_start AS BIGINT), CAST(TRY_CAST(bar_start AS DOUBLE) AS BIGINT)) DIV 1000) END AS bar_start,
  TRY_CAST(break_even_price AS DOUBLE) AS break_even_price,
  TRY_CAST(underlying_price AS DOUBLE) AS underlying_price,
  CASE WHEN TRY_CAST(underlying_updated_at AS DOUBLE) BETWEEN 0 AND 4102444800000000000
    THEN timestamp_micros(coalesce(TRY_CAST(underlying_updated_at AS BIGINT), CAST(TRY_CAST(underlying_updated_at AS DOUBLE) AS BIGINT)) DIV 1000) END AS underlying_updated_at,
{include silver/from_bronze.sql};
