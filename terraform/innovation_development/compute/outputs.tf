output "warehouse_id" {
  description = "Id of the analysts' SQL warehouse."
  value       = module.compute.warehouse_id
}

output "budget_policy_id" {
  description = "Id of the budget policy that the bundle's jobs name."
  value       = module.compute.budget_policy_id
}

output "application_ids" {
  description = "Client ids of the service principals by name: the bundle's run_as among them."
  value       = module.compute.application_ids
}

output "secrets" {
  description = "Secrets of the principals without federation, by name."
  value       = module.compute.secrets
  sensitive   = true
}
