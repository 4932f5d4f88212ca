-- Title: Median return of stocks
-- Kind: counter
-- Place: column 5, row 1, 2 wide, 2 high
-- Value: median_return, Median return, %
-- Days: 2
-- Empty: No stock has a return.
SELECT median_return
FROM gold.stocks_market_summary
WHERE market_date = (SELECT max(market_date) FROM gold.stocks_market_summary)
