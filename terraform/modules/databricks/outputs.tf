output "workspace_id" {
  description = "Numeric id of the workspace."
  value       = databricks_mws_workspaces.this.workspace_id

  depends_on = [databricks_metastore_assignment.this, databricks_mws_permission_assignment.admins]
}

output "host" {
  description = "Host name of the workspace, without a scheme."
  value       = trimprefix(databricks_mws_workspaces.this.workspace_url, "https://")
}

output "metastore_id" {
  description = "Unity Catalog metastore that the workspace belongs to."
  value       = databricks_metastore_assignment.this.metastore_id
}
