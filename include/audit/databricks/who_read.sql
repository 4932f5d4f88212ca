-- Who read licensed tables, how, and how often: persons first who read most. Lineage of 395 days, as far as it could be
-- inferred; a read that Unity Catalog only handed out credentials for is in who_took_credentials.sql.
-- :tables is a pattern of full names, such as prod.gold.stocks_%, :first and :last are days.
SELECT
  created_by AS reader,
  source_table_full_name AS table_name,
  coalesce(entity_type, 'QUERY') AS by_way_of,
  count(*) AS reads,
  min(event_time) AS first_read_at,
  max(event_time) AS last_read_at
FROM system.access.table_lineage
WHERE source_table_full_name LIKE :tables AND event_date BETWEEN CAST(:first AS DATE) AND CAST(:last AS DATE)
GROUP BY created_by, source_table_full_name, coalesce(entity_type, 'QUERY')
ORDER BY reads DESC, reader, table_name, by_way_of;
