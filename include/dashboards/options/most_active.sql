-- Title: Contracts with the largest turnover of the newest day
-- Kind: table
-- Place: column 1, row 15, 6 wide, 6 high
-- Column: ticker, Contract
-- Column: underlying, Underlying
-- Column: type, Type
-- Column: expiry, Expiry
-- Column: strike, Strike, USD
-- Column: close, Close, USD
-- Column: volume, Volume, number
-- Column: turnover, Turnover, USD
-- Empty: No contract was traded.
SELECT ticker, underlying, type, expiry, strike, close, volume, turnover
FROM gold.options_daily_prices
WHERE market_date = (SELECT max(market_date) FROM gold.options_market_summary)
ORDER BY turnover DESC, ticker
LIMIT 15
