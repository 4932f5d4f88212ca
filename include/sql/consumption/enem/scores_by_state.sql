-- Scores of the edition by the state where the exam was sat, each candidate counting alike.
SELECT
  state,
  area,
  sum(candidates) AS candidates,
  sum(scored) AS scored,
  sum(mean_score * scored) / nullif(sum(scored), 0) AS mean_score,
  min(lowest_score) AS lowest_score,
  max(highest_score) AS highest_score
FROM enem_scores
WHERE market_date = CAST({market_date} AS DATE)
GROUP BY state, area
ORDER BY state, area
