-- The volatility of every contract of a chain that has one: the smile, strike by strike. Adjusted contracts stay out.
-- Key: ticker, market_date
-- Join: stocks_daily_prices by underlying = ticker, market_date
-- Join: options_implied_volatility by underlying, expiry, market_date
-- NULL: what the source did not give
CREATE TABLE IF NOT EXISTS {gold}.options_smile (
  ticker STRING NOT NULL COMMENT 'Symbol of the contract',
  market_date DATE NOT NULL COMMENT 'Market day on which the chain was taken, a New York session date',
  underlying STRING NOT NULL COMMENT 'Ticker of the stock or fund that the contract is on',
  expiry DATE NOT NULL COMMENT 'Last day on which the contract may be exercised, after the market day',
  days_to_expiry INT COMMENT 'Calendar days from the market day to expiry, number',
  type STRING NOT NULL COMMENT 'call or put',
  strike DOUBLE NOT NULL COMMENT 'Price at which it may be exercised, USD a share of the underlying',
  moneyness DOUBLE COMMENT 'strike / price of the underlying when the chain was taken, the median of what its contracts say, number; NULL where the plan has no stocks',
  implied_volatility DOUBLE COMMENT 'Volatility of the underlying that explains the price, fraction a year (0.25 is 25 %)',
  delta DOUBLE COMMENT 'Change of the price for 1 USD of the underlying, USD; 0 to 1 for calls, -1 to 0 for puts',
  bid DOUBLE COMMENT 'Best bid, USD a share of the underlying; NULL where the plan has no quotes',
  ask DOUBLE COMMENT 'Best ask, USD a share of the underlying; NULL where the plan has no quotes',
  open_interest DOUBLE COMMENT 'Contracts held at the end of the last trading day that was over for the source, number'
) USING delta
COMMENT 'US options: implied volatility, delta and moneyness of each contract of a chain, one row a contract and market day';

WITH
{include gold/priced_chain.sql}
SELECT ticker, market_date, underlying, expiry, datediff(expiry, market_date) AS days_to_expiry, type, strike, moneyness,
  volatility AS implied_volatility, delta, bid, ask, open_interest
FROM chain;
