-- Where the columns of licensed tables went: each table that was written from them, and by whom.
-- :tables is a pattern of full names, such as prod.gold.stocks_%, :first and :last are days.
SELECT
  source_table_full_name AS table_name,
  source_column_name AS column_name,
  target_table_full_name AS went_to,
  target_column_name AS as_column,
  created_by AS writer,
  count(*) AS times,
  max(event_time) AS last_at
FROM system.access.column_lineage
WHERE source_table_full_name LIKE :tables
  AND target_table_full_name IS NOT NULL
  AND event_date BETWEEN CAST(:first AS DATE) AND CAST(:last AS DATE)
GROUP BY source_table_full_name, source_column_name, target_table_full_name, target_column_name, created_by
ORDER BY table_name, column_name, went_to, as_column, writer;
