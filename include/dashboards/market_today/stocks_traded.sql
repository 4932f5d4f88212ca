-- Title: Stocks with a price
-- Kind: counter
-- Place: column 1, row 1, 2 wide, 2 high
-- Value: tickers, Tickers, number
-- Empty: No market day of stocks is in gold.
SELECT tickers
FROM gold.stocks_market_summary
WHERE market_date = (SELECT max(market_date) FROM gold.stocks_market_summary)
