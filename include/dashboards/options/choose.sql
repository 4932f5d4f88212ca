-- Title: Underlying
-- Kind: choice
-- Place: column 1, row 1, 6 wide, 1 high
-- Chosen: underlying
-- Group: asset_class, Asset class
-- Rank: traded, Turnover of its calls and puts on the newest day, USD
-- First: AAPL
SELECT 'options' AS asset_class, underlying, call_turnover + put_turnover AS traded
FROM gold.options_put_call_volume
WHERE market_date = (SELECT max(market_date) FROM gold.options_put_call_volume)
