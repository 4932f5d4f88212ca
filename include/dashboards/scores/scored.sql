-- Title: Candidates with a score
-- Note: Of the newest edition.
-- Kind: counter
-- Place: column 3, row 2, 2 wide, 3 high
-- Chosen: area
-- Value: share, With a score, %
-- Empty: No edition of ENEM is in gold.
SELECT area, sum(scored) / nullif(sum(candidates), 0) AS share
FROM gold.enem_scores
WHERE market_date = (SELECT max(market_date) FROM gold.enem_scores)
GROUP BY area
