-- What chains say of the volatility to come. A volatility between two contracts is that of the straight line between
-- the nearest one below and the nearest one above; where there is none on one side, there is no value. Adjusted contracts
-- stay out.
-- Key: underlying, expiry, market_date
-- Join: stocks_daily_prices by underlying = ticker, market_date
-- NULL: a volatility without contracts on both sides of it, and what is made of it
CREATE TABLE IF NOT EXISTS {gold}.options_implied_volatility (
  market_date DATE NOT NULL COMMENT 'Market day on which the chains were taken, a New York session date',
  underlying STRING NOT NULL COMMENT 'Ticker of the stock or fund that the contracts are on',
  expiry DATE NOT NULL COMMENT 'Last day on which the contracts may be exercised, after the market day',
  days_to_expiry INT COMMENT 'Calendar days from the market day to expiry, number',
  contracts BIGINT COMMENT 'Contracts with an implied volatility, number; adjusted ones are in none of these columns',
  underlying_price DOUBLE COMMENT 'Price of the underlying when the chain was taken, the median of what its contracts say, USD; NULL where the plan has no stocks',
  atm_volatility DOUBLE COMMENT 'Implied volatility at the price of the underlying, calls and puts in equal parts, fraction a year; without that price, at a delta of a half',
  put_volatility DOUBLE COMMENT 'Implied volatility of puts that skew is made of, fraction a year',
  call_volatility DOUBLE COMMENT 'Implied volatility of calls that skew is made of, fraction a year',
  skew DOUBLE COMMENT 'put_volatility - call_volatility: what a fall is feared more than a rise, fraction a year',
  skew_basis STRING COMMENT 'delta: puts of delta -0.25 and calls of 0.25; moneyness, where deltas do not reach so far: strikes at 90 and 110 % of the price'
) USING delta
COMMENT 'US options: at-the-money implied volatility and skew, one row an underlying, expiry and market day';

WITH
{include gold/priced_chain.sql},
-- Where each contract stands on each of the scales that a volatility is read from, and where it is read.
placed AS (
  SELECT market_date, underlying, expiry, volatility,
    stack(6,
      'price', moneyness, CAST(1 AS DOUBLE),
      'half_delta', CASE WHEN type = 'call' THEN delta ELSE 1 + delta END, CAST(0.5 AS DOUBLE),
      'put_delta', CASE WHEN type = 'put' THEN delta END, CAST(-0.25 AS DOUBLE),
      'call_delta', CASE WHEN type = 'call' THEN delta END, CAST(0.25 AS DOUBLE),
      'put_moneyness', CASE WHEN type = 'put' THEN moneyness END, CAST(0.9 AS DOUBLE),
      'call_moneyness', CASE WHEN type = 'call' THEN moneyness END, CAST(1.1 AS DOUBLE)
    ) AS (scale, place, target)
  FROM chain
),
points AS (
  SELECT market_date, underlying, expiry, scale, target, place, avg(volatility) AS volatility
  FROM placed
  WHERE place IS NOT NULL
  GROUP BY market_date, underlying, expiry, scale, target, place
),
neighbours AS (
  SELECT market_date, underlying, expiry, scale, target,
    max(place) FILTER (WHERE place <= target) AS below,
    max_by(volatility, place) FILTER (WHERE place <= target) AS volatility_below,
    min(place) FILTER (WHERE place >= target) AS above,
    min_by(volatility, place) FILTER (WHERE place >= target) AS volatility_above
  FROM points
  GROUP BY market_date, underlying, expiry, scale, target
),
found AS (
  SELECT market_date, underlying, expiry, scale,
    CASE WHEN above = below THEN volatility_below
      ELSE volatility_below + (volatility_above - volatility_below) * (target - below) / (above - below) END AS volatility
  FROM neighbours
),
scales AS (
  SELECT market_date, underlying, expiry,
    max(CASE WHEN scale = 'price' THEN volatility END) AS price,
    max(CASE WHEN scale = 'half_delta' THEN volatility END) AS half_delta,
    max(CASE WHEN scale = 'put_delta' THEN volatility END) AS put_delta,
    max(CASE WHEN scale = 'call_delta' THEN volatility END) AS call_delta,
    max(CASE WHEN scale = 'put_moneyness' THEN volatility END) AS put_moneyness,
    max(CASE WHEN scale = 'call_moneyness' THEN volatility END) AS call_moneyness
  FROM found
  GROUP BY market_date, underlying, expiry
),
expiries AS (
  SELECT market_date, underlying, expiry, count(*) AS contracts,
    max(underlying_price) AS underlying_price
  FROM chain
  GROUP BY market_date, underlying, expiry
),
chosen AS (
  SELECT *, CASE WHEN put_delta IS NOT NULL AND call_delta IS NOT NULL THEN 'delta'
    WHEN put_moneyness IS NOT NULL AND call_moneyness IS NOT NULL THEN 'moneyness' END AS skew_basis
  FROM scales
)
SELECT
  expiries.market_date,
  expiries.underlying,
  expiries.expiry,
  datediff(expiries.expiry, expiries.market_date) AS days_to_expiry,
  expiries.contracts,
  expiries.underlying_price,
  CASE WHEN expiries.underlying_price IS NULL THEN chosen.half_delta ELSE chosen.price END AS atm_volatility,
  CASE chosen.skew_basis WHEN 'delta' THEN chosen.put_delta WHEN 'moneyness' THEN chosen.put_moneyness END AS put_volatility,
  CASE chosen.skew_basis WHEN 'delta' THEN chosen.call_delta WHEN 'moneyness' THEN chosen.call_moneyness END AS call_volatility,
  CASE chosen.skew_basis WHEN 'delta' THEN chosen.put_delta - chosen.call_delta
    WHEN 'moneyness' THEN chosen.put_moneyness - chosen.call_moneyness END AS skew,
  chosen.skew_basis
FROM expiries
LEFT JOIN chosen ON chosen.market_date = expiries.market_date AND chosen.underlying = expiries.underlying
  AND chosen.expiry = expiries.expiry;
