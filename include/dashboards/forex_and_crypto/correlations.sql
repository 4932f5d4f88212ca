-- Title: Coins that move together
-- Note: Correlation of their returns over 30 days; the 30 highest.
-- Kind: table
-- Place: column 4, row 7, 3 wide, 8 high
-- Column: first_ticker, One
-- Column: second_ticker, The other
-- Column: correlation_30d, Correlation, ratio
-- Column: days, Days with both, days
-- Days: 21
-- Empty: No two coins have 20 returns in 30 days.
SELECT first_ticker, second_ticker, correlation_30d, days
FROM gold.crypto_correlations
WHERE market_date = (SELECT max(market_date) FROM gold.crypto_correlations) AND correlation_30d IS NOT NULL
ORDER BY correlation_30d DESC, first_ticker, second_ticker
LIMIT 30
