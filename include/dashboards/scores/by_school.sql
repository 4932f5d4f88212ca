-- Title: Scores by school
-- Note: Until 2023 the kind of school that candidates declared, since 2024 who runs it: two editions across that are not compared.
-- Kind: table
-- Place: column 3, row 11, 4 wide, 7 high
-- Chosen: area
-- Column: market_date, Edition
-- Column: school_kind, School
-- Column: candidates, Candidates, number
-- Column: scored, With a score, number
-- Column: mean_score, Mean score, points
-- Empty: No edition of ENEM is in gold.
SELECT area, market_date, school_kind, sum(candidates) AS candidates, sum(scored) AS scored,
  sum(mean_score * scored) / nullif(sum(scored), 0) AS mean_score
FROM gold.enem_scores
GROUP BY area, market_date, school_kind
ORDER BY market_date DESC, school_kind, area
