-- Title: Stocks that rose and fell
-- Kind: bar
-- Place: column 1, row 8, 3 wide, 6 high
-- Across: market_date, Market day
-- Up: advancers, Rose, number
-- Up: decliners, Fell, number
-- Days: 2
-- Empty: No stock has a return.
SELECT market_date, advancers, decliners
FROM gold.stocks_market_summary
ORDER BY market_date
