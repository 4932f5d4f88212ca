-- Scores of the edition by kind of school: until 2023 as candidates declared it, since 2024 who runs the school.
SELECT
  school_kind,
  area,
  sum(candidates) AS candidates,
  sum(scored) AS scored,
  sum(mean_score * scored) / nullif(sum(scored), 0) AS mean_score,
  min(lowest_score) AS lowest_score,
  max(highest_score) AS highest_score
FROM enem_scores
WHERE market_date = CAST({market_date} AS DATE)
GROUP BY school_kind, area
ORDER BY school_kind, area
