-- Title: Area
-- Kind: choice
-- Place: column 1, row 1, 6 wide, 1 high
-- Chosen: area
-- Group: exam, Exam
-- Rank: scored, Candidates with a score, number
-- First: essay
SELECT 'enem' AS exam, area, sum(scored) AS scored
FROM gold.enem_scores
WHERE market_date = (SELECT max(market_date) FROM gold.enem_scores)
GROUP BY area
