-- Title: The dollar against other currencies
-- Note: The mean return of the dollar against the currencies that it is quoted with.
-- Kind: bar
-- Place: column 1, row 1, 3 wide, 6 high
-- Across: market_date, Market day
-- Up: dollar_return, Return of the dollar, %
-- Days: 2
-- Empty: No pair has a return.
SELECT market_date, dollar_return
FROM gold.forex_market_summary
ORDER BY market_date
