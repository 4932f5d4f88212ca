output "host" {
  description = "Host name of the workspace."
  value       = module.databricks.host
}

output "workspace_id" {
  description = "Numeric id of the workspace."
  value       = module.databricks.workspace_id
}

output "application_ids" {
  description = "Client ids of the service principals by name: the bundle's run_as among them."
  value       = module.principals.application_ids
}

output "secrets" {
  description = "Secrets of the principals without federation, by name."
  value       = module.principals.secrets
  sensitive   = true
}
