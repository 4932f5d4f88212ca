-- Title: Turnover of coins in USD
-- Kind: bar
-- Place: column 4, row 1, 3 wide, 6 high
-- Across: market_date, Market day (UTC)
-- Up: turnover, Turnover, USD
-- Empty: No day of crypto is in gold.
SELECT market_date, turnover
FROM gold.crypto_market_summary
ORDER BY market_date
