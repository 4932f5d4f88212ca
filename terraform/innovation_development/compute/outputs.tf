output "warehouse_id" {
  description = "Id of the analysts' SQL warehouse."
  value       = module.compute.warehouse_id
}

output "budget_policy_id" {
  description = "Id of the budget policy that the bundle's jobs name."
  value       = module.compute.budget_policy_id
}
