-- Title: Quoted rates that do not fit
-- Note: How far a quoted rate is from the one that follows from the two against the dollar; the 15 largest.
-- Kind: table
-- Place: column 1, row 15, 3 wide, 6 high
-- Column: quoted_ticker, Pair
-- Column: rate, Rate that follows, number
-- Column: quoted_rate, Quoted, number
-- Column: deviation_bps, Deviation, bps
-- Empty: No rate is quoted beside the one that follows.
SELECT quoted_ticker, rate, quoted_rate, deviation_bps
FROM gold.forex_cross_rates
WHERE market_date = (SELECT max(market_date) FROM gold.forex_market_summary) AND deviation_bps IS NOT NULL
ORDER BY abs(deviation_bps) DESC, quoted_ticker
LIMIT 15
