-- Who was given credentials of S3 for licensed tables by Unity Catalog: engines outside of Databricks (polars, delta-rs,
-- DuckDB) read the files themselves, past row filters and without lineage; and who asked for a share.
-- :tables is a pattern of full names, such as prod.gold.stocks_%, :first and :last are days.
SELECT
  user_identity.email AS reader,
  coalesce(request_params['table_full_name'], request_params['full_name_arg'], request_params['name']) AS table_name,
  action_name,
  coalesce(request_params['operation'], '') AS operation,
  source_ip_address,
  user_agent,
  sum(CASE WHEN response.status_code = 200 THEN 1 ELSE 0 END) AS given,
  sum(CASE WHEN response.status_code = 200 THEN 0 ELSE 1 END) AS refused,
  max(event_time) AS last_asked_at
FROM system.access.audit
WHERE service_name = 'unityCatalog'
  AND action_name IN ('generateTemporaryTableCredential', 'deltaSharingQueryTable')
  AND coalesce(request_params['table_full_name'], request_params['full_name_arg'], request_params['name']) LIKE :tables
  AND event_date BETWEEN CAST(:first AS DATE) AND CAST(:last AS DATE)
GROUP BY
  user_identity.email,
  coalesce(request_params['table_full_name'], request_params['full_name_arg'], request_params['name']),
  action_name,
  coalesce(request_params['operation'], ''),
  source_ip_address,
  user_agent
ORDER BY last_asked_at DESC, reader;
