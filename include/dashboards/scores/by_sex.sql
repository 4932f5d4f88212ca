-- Title: Scores by sex
-- Note: Since 2024 nothing leads from a score to a participant, so that it is unknown.
-- Kind: table
-- Place: column 1, row 18, 6 wide, 5 high
-- Chosen: area
-- Column: market_date, Edition
-- Column: sex, Sex
-- Column: candidates, Candidates, number
-- Column: scored, With a score, number
-- Column: mean_score, Mean score, points
-- Empty: No edition of ENEM is in gold.
SELECT area, market_date, sex, sum(candidates) AS candidates, sum(scored) AS scored,
  sum(mean_score * scored) / nullif(sum(scored), 0) AS mean_score
FROM gold.enem_scores
GROUP BY area, market_date, sex
ORDER BY market_date DESC, sex, area
