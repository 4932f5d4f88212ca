-- Title: Splits and dividends
-- Kind: table
-- Place: column 1, row 29, 2 wide, 6 high
-- Chosen: ticker
-- Column: market_date, Counts from
-- Column: split_ratio, Shares for one, ratio
-- Column: cash_dividend, Cash a share, USD
-- Empty: No split and no dividend of it is in gold.
SELECT ticker, market_date, nullif(split_ratio, 1) AS split_ratio, cash_dividend
FROM gold.stocks_corporate_actions
ORDER BY market_date DESC
