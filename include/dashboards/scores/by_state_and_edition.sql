-- Title: Scores by state and edition
-- Kind: table
-- Place: column 1, row 23, 6 wide, 9 high
-- Chosen: area
-- Column: state, State
-- Column: market_date, Edition
-- Column: candidates, Candidates, number
-- Column: scored, With a score, number
-- Column: mean_score, Mean score, points
-- Column: lowest_score, Lowest, points
-- Column: highest_score, Highest, points
-- Empty: No edition of ENEM is in gold.
SELECT area, state, market_date, sum(candidates) AS candidates, sum(scored) AS scored,
  sum(mean_score * scored) / nullif(sum(scored), 0) AS mean_score, min(lowest_score) AS lowest_score, max(highest_score) AS highest_score
FROM gold.enem_scores
GROUP BY area, state, market_date
ORDER BY state, market_date DESC, area
