-- Title: Turnover of calls and puts
-- Kind: bar
-- Place: column 4, row 9, 3 wide, 6 high
-- Chosen: underlying
-- Across: market_date, Market day
-- Up: call_turnover, Calls, USD
-- Up: put_turnover, Puts, USD
-- Empty: No contract of it was traded.
SELECT underlying, market_date, call_turnover, put_turnover
FROM gold.options_put_call_volume
ORDER BY market_date
