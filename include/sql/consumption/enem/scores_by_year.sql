-- Scores of the edition as a whole, by area.
SELECT
  year,
  area,
  sum(candidates) AS candidates,
  sum(scored) AS scored,
  sum(mean_score * scored) / nullif(sum(scored), 0) AS mean_score,
  min(lowest_score) AS lowest_score,
  max(highest_score) AS highest_score
FROM enem_scores
WHERE market_date = CAST({market_date} AS DATE)
GROUP BY year, area
ORDER BY year, area
