-- Title: What gold shows
-- Kind: table
-- Place: column 1, row 12, 6 wide, 9 high
-- Column: asset_class, Asset class
-- Column: gold_table, Table
-- Column: days, Market days, days
-- Column: newest, Newest market day
-- Column: computed_at, Computed (UTC)
-- Empty: Nothing is published.
SELECT asset_class, gold_table, count(*) AS days, max(market_date) AS newest, max(computed_at) AS computed_at
FROM quality.published
GROUP BY asset_class, gold_table
ORDER BY asset_class, gold_table
