-- Title: Turnover of stocks
-- Kind: counter
-- Place: column 3, row 1, 2 wide, 2 high
-- Value: turnover, Turnover, USD
-- Empty: No market day of stocks is in gold.
SELECT turnover
FROM gold.stocks_market_summary
WHERE market_date = (SELECT max(market_date) FROM gold.stocks_market_summary)
