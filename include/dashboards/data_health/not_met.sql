-- Title: What was not met
-- Note: The newest 50.
-- Kind: table
-- Place: column 1, row 27, 6 wide, 7 high
-- Column: market_date, Market day
-- Column: asset_class, Asset class
-- Column: dataset, Dataset
-- Column: severity, Severity
-- Column: message, What was found
-- Empty: Every expectation is met.
SELECT market_date, asset_class, dataset, severity, message
FROM quality.results
WHERE NOT passed
ORDER BY market_date DESC, severity, asset_class, dataset, message
LIMIT 50
