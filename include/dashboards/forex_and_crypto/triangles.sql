-- Title: Widest triangles
-- Note: The product of three rates around a triangle is 1; how far it is from that. The 15 widest.
-- Kind: table
-- Place: column 4, row 15, 3 wide, 6 high
-- Column: triangle, Triangle
-- Column: gap_bps, Gap, bps
-- Column: is_broken, Broken
-- Empty: No three pairs make a triangle.
SELECT triangle, gap_bps, CASE WHEN is_broken THEN 'yes' ELSE 'no' END AS is_broken
FROM gold.forex_triangles
WHERE market_date = (SELECT max(market_date) FROM gold.forex_market_summary)
ORDER BY abs(gap_bps) DESC, triangle
LIMIT 15
