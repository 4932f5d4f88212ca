-- How many more puts are held than calls, of each underlying that chains were taken of. Chains are taken for the present
-- only, so that days gone by have no rows. Adjusted contracts stay out.
-- Key: underlying, market_date
-- Join: stocks_daily_prices by underlying = ticker, market_date
-- NULL: nothing else
CREATE TABLE IF NOT EXISTS {gold}.options_put_call_open_interest (
  market_date DATE NOT NULL COMMENT 'Market day on which the chains were taken, a New York session date',
  underlying STRING NOT NULL COMMENT 'Ticker of the stock or fund that the contracts are on',
  contracts BIGINT COMMENT 'Contracts of which anything is held, number; adjusted ones are in none of these columns',
  call_open_interest DOUBLE COMMENT 'Calls held at the end of the last trading day that was over for the source, contracts',
  put_open_interest DOUBLE COMMENT 'Puts held at the end of the last trading day that was over for the source, contracts',
  put_call_open_interest_ratio DOUBLE COMMENT 'put_open_interest / call_open_interest, number; NULL where no call is held'
) USING delta
COMMENT 'US options: put/call ratios by open interest, one row an underlying and market day';

WITH
{include gold/standard_chain.sql},
sides AS (
  SELECT market_date, underlying,
    count_if(open_interest > 0) AS contracts,
    sum(CASE WHEN type = 'call' THEN coalesce(open_interest, 0) ELSE 0 END) AS call_open_interest,
    sum(CASE WHEN type = 'put' THEN coalesce(open_interest, 0) ELSE 0 END) AS put_open_interest
  FROM standard_chain
  GROUP BY market_date, underlying
)
SELECT
  market_date,
  underlying,
  contracts,
  call_open_interest,
  put_open_interest,
  put_open_interest / nullif(call_open_interest, 0) AS put_call_open_interest_ratio
FROM sides;
