-- Title: Every market on its newest day
-- Note: Turnover is known of stocks, options and crypto; of the latter, of the pairs in USD.
-- Kind: table
-- Place: column 1, row 3, 6 wide, 5 high
-- Column: asset_class, Asset class
-- Column: market_date, Market day
-- Column: tickers, Tickers, number
-- Column: advancers, Rose, number
-- Column: decliners, Fell, number
-- Column: median_return, Median return, %
-- Column: turnover, Turnover, USD
-- Column: anomalies, Unusual returns, number
-- Empty: No market day is in gold.
SELECT 'stocks' AS asset_class, market_date, tickers, advancers, decliners, median_return, turnover, anomalies
FROM gold.stocks_market_summary
WHERE market_date = (SELECT max(market_date) FROM gold.stocks_market_summary)
UNION ALL
SELECT 'options' AS asset_class, market_date, tickers, advancers, decliners, median_return, turnover, anomalies
FROM gold.options_market_summary
WHERE market_date = (SELECT max(market_date) FROM gold.options_market_summary)
UNION ALL
SELECT 'indices' AS asset_class, market_date, tickers, advancers, decliners, median_return, CAST(NULL AS DOUBLE) AS turnover, anomalies
FROM gold.indices_market_summary
WHERE market_date = (SELECT max(market_date) FROM gold.indices_market_summary)
UNION ALL
SELECT 'forex' AS asset_class, market_date, tickers, advancers, decliners, median_return, CAST(NULL AS DOUBLE) AS turnover, anomalies
FROM gold.forex_market_summary
WHERE market_date = (SELECT max(market_date) FROM gold.forex_market_summary)
UNION ALL
SELECT 'crypto' AS asset_class, market_date, tickers, advancers, decliners, median_return, turnover, anomalies
FROM gold.crypto_market_summary
WHERE market_date = (SELECT max(market_date) FROM gold.crypto_market_summary)
