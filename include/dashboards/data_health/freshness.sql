-- Title: What silver holds
-- Kind: table
-- Place: column 1, row 3, 6 wide, 9 high
-- Column: asset_class, Asset class
-- Column: dataset, Dataset
-- Column: days, Market days, days
-- Column: newest, Newest market day
-- Column: loaded_at, Loaded (UTC)
-- Column: silver_rows, Rows, rows
-- Column: quarantined, In quarantine, rows
-- Empty: Nothing was loaded.
SELECT asset_class, dataset, count(*) AS days, max(market_date) AS newest, max(loaded_at) AS loaded_at, sum(silver_rows) AS silver_rows,
  sum(quarantined) AS quarantined
FROM quality.loads
GROUP BY asset_class, dataset
ORDER BY asset_class, dataset
