-- Title: Expectations that were not met, by market day
-- Kind: bar
-- Place: column 1, row 21, 3 wide, 6 high
-- Across: market_date, Market day
-- Up: critical, Critical, number
-- Up: warnings, Warnings, number
-- Empty: Nothing was checked.
SELECT market_date, count_if(NOT passed AND severity = 'critical') AS critical, count_if(NOT passed AND severity = 'warn') AS warnings
FROM quality.results
GROUP BY market_date
ORDER BY market_date
