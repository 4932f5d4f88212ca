-- Title: Largest falls
-- Note: Of shares and funds that were traded for a million USD or more.
-- Kind: table
-- Place: column 3, row 14, 2 wide, 6 high
-- Column: ticker, Ticker
-- Column: simple_return, Return, %
-- Column: close, Close, USD
-- Days: 2
-- Empty: No stock fell.
SELECT mover.ticker, mover.simple_return, mover.close
FROM (
  SELECT explode(top_losers) AS mover
  FROM gold.stocks_market_summary
  WHERE market_date = (SELECT max(market_date) FROM gold.stocks_market_summary)
) AS movers
ORDER BY mover.simple_return, mover.ticker
