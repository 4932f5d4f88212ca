-- Title: Volume
-- Note: As counted on the day: shares, quotes, units of the coin, contracts.
-- Kind: bar
-- Place: column 5, row 2, 2 wide, 7 high
-- Chosen: ticker
-- Across: market_date, Market day
-- Up: volume, Volume, units
-- Empty: Its volume is not known: an index has none.
SELECT ticker, market_date, volume
FROM gold.fact_daily_price
