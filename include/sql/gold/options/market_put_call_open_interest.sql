-- The same of all underlyings together that chains were taken of.
-- Key: market_date
-- NULL: nothing else
CREATE OR REPLACE VIEW {gold}.options_market_put_call_open_interest (
  market_date COMMENT 'Market day on which the chains were taken, a New York session date',
  contracts COMMENT 'Contracts of which anything is held, number; adjusted ones are in none of these columns',
  call_open_interest COMMENT 'Calls held at the end of the last trading day that was over for the source, contracts',
  put_open_interest COMMENT 'Puts held at the end of the last trading day that was over for the source, contracts',
  put_call_open_interest_ratio COMMENT 'put_open_interest / call_open_interest, number; NULL where no call is held'
)
COMMENT 'US options: put/call ratios by open interest of all underlyings with chains together, one row a market day'
AS SELECT
  market_date,
  sum(contracts) AS contracts,
  sum(call_open_interest) AS call_open_interest,
  sum(put_open_interest) AS put_open_interest,
  sum(put_open_interest) / nullif(sum(call_open_interest), 0) AS put_call_open_interest_ratio
FROM {gold}.options_put_call_open_interest
GROUP BY market_date;
