-- Title: Mean score
-- Note: Of the newest edition, of those who have one; from 0 to 1000.
-- Kind: counter
-- Place: column 5, row 2, 2 wide, 3 high
-- Chosen: area
-- Value: mean_score, Mean score, points
-- Empty: Nobody has a score.
SELECT area, sum(mean_score * scored) / nullif(sum(scored), 0) AS mean_score
FROM gold.enem_scores
WHERE market_date = (SELECT max(market_date) FROM gold.enem_scores)
GROUP BY area
