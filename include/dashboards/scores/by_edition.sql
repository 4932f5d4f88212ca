-- Title: Mean score by edition
-- Note: By the day that an edition is about, the last of its year. Only editions that were loaded are here.
-- Kind: bar
-- Place: column 1, row 11, 2 wide, 7 high
-- Chosen: area
-- Across: market_date, Edition
-- Up: mean_score, Mean score, points
-- Empty: Nobody has a score.
SELECT area, market_date, sum(mean_score * scored) / nullif(sum(scored), 0) AS mean_score
FROM gold.enem_scores
GROUP BY area, market_date
ORDER BY area, market_date
