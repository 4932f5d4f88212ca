-- Title: Candidates of the newest edition
-- Note: Those who did not come among them.
-- Kind: counter
-- Place: column 1, row 2, 2 wide, 3 high
-- Chosen: area
-- Value: candidates, Candidates, number
-- Empty: No edition of ENEM is in gold.
SELECT area, sum(candidates) AS candidates
FROM gold.enem_scores
WHERE market_date = (SELECT max(market_date) FROM gold.enem_scores)
GROUP BY area
