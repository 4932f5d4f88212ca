-- Title: Puts for each call
-- Kind: line
-- Place: column 1, row 9, 3 wide, 6 high
-- Chosen: underlying
-- Across: market_date, Market day
-- Up: put_call_volume_ratio, By volume, ratio
-- Up: put_call_turnover_ratio, By turnover, ratio
-- Empty: No contract of it was traded.
SELECT underlying, market_date, put_call_volume_ratio, put_call_turnover_ratio
FROM gold.options_put_call_volume
ORDER BY market_date
