-- Who changed what: grants, tables, policies, tags, shares, jobs and rights on them; and who tried and was refused.
-- Rows that only looked (get…, list…) are left out. :first and :last are days.
SELECT
  event_time,
  user_identity.email AS who,
  service_name,
  action_name,
  coalesce(
    request_params['full_name_arg'],
    request_params['securable_full_name'],
    request_params['name'],
    request_params['job_id'],
    request_params['resourceId'],
    ''
  ) AS what,
  coalesce(request_params['changes'], request_params['new_settings'], request_params['aclPermissionSet'], '') AS change,
  response.status_code = 200 AS done,
  coalesce(response.error_message, '') AS refusal,
  source_ip_address
FROM system.access.audit
WHERE service_name IN ('unityCatalog', 'jobs', 'sqlPermissions', 'databrickssql', 'accounts', 'workspace')
  AND event_date BETWEEN CAST(:first AS DATE) AND CAST(:last AS DATE)
  AND (
    action_name LIKE 'create%' OR action_name LIKE 'update%' OR action_name LIKE 'delete%'
    OR action_name LIKE 'change%' OR action_name LIKE 'reset%' OR action_name LIKE 'add%'
    OR action_name LIKE 'remove%' OR action_name LIKE 'grant%' OR action_name LIKE 'revoke%'
    OR action_name LIKE 'setAdmin%'
  )
ORDER BY event_time DESC, who, action_name;
