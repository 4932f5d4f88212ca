-- Title: Turnover of stocks by day
-- Note: The sum of close times volume.
-- Kind: bar
-- Place: column 4, row 8, 3 wide, 6 high
-- Across: market_date, Market day
-- Up: turnover, Turnover, USD
-- Empty: No market day of stocks is in gold.
SELECT market_date, turnover
FROM gold.stocks_market_summary
ORDER BY market_date
