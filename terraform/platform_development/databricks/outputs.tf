output "host" {
  description = "Host name of the workspace."
  value       = module.databricks.host
}

output "workspace_id" {
  description = "Numeric id of the workspace."
  value       = module.databricks.workspace_id
}
