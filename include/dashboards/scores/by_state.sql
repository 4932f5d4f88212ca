-- Title: Mean score by state
-- Note: Of the newest edition, by the state where the exam was sat; each candidate counts alike.
-- Kind: bar
-- Place: column 1, row 5, 6 wide, 6 high
-- Chosen: area
-- Across: state, State
-- Up: mean_score, Mean score, points
-- Empty: Nobody has a score.
SELECT area, state, sum(mean_score * scored) / nullif(sum(scored), 0) AS mean_score
FROM gold.enem_scores
WHERE market_date = (SELECT max(market_date) FROM gold.enem_scores)
GROUP BY area, state
ORDER BY area, state
